"""What is read in another way than by CommonMark: bare links, tasks, code with fences in it, blank lines in lists."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from web.html.markdown.blocks import IN_MARKDOWN, Fence

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

ADDRESS = re.compile(r"""https?://[^\s<>"'`“”„«»‹›。，、；：！？（）「」『』【】]+""")
BEHIND = ".,;:!?…*_~"
"""Characters at the end of an address that belong to the sentence around it."""
TASK = re.compile(r"\[([ xX])\](?=\s)")
BOXES = {" ": "☐", "x": "☑", "X": "☑"}


def use_additions(parser: "MarkdownIt") -> None:
    """Have a parser read them."""
    ends = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", "fence_in_fence", _fence_in_fence, {"alt": ends})
    parser.core.ruler.after("inline", "bare_links", _link_addresses)
    parser.core.ruler.after("inline", "tasks", _draw_boxes)
    parser.core.ruler.after("block", "loose_items", _loosen_items)


def _fence_in_fence(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """Take code in Markdown that has fences in it: a line of marks ends the innermost code."""
    if state.level > 0 or state.is_code_block(start):
        return False
    text = state.src[state.bMarks[start] :]
    fence = Fence.of(text)
    if not fence or fence.language not in IN_MARKDOWN:
        return False
    if silent:
        return True
    closed = fence.read_on(text, whole=True)
    last = min(start + len(text[: fence.end or len(text)].splitlines()), end)
    token = state.push("fence", "code", 0)
    token.info, token.markup, token.map = fence.language, fence.marks, [start, last]
    token.content = state.getLines(start + 1, last - closed, 0, True)
    state.line = last
    return True


# --- links ---


def _link_addresses(state: "StateCore") -> None:
    for block in state.tokens:
        if block.children and "://" in block.content:
            block.children = list(_linked(state, block.children))


def _linked(state: "StateCore", tokens: list["Token"]) -> Iterator["Token"]:
    inside = 0
    for token in tokens:
        kind = token.type
        inside += {"link_open": 1, "link_close": -1}.get(kind, 0)
        if kind == "text" and not inside:
            yield from _split(state, token)
        else:
            yield token


def _split(state: "StateCore", text: "Token") -> Iterator["Token"]:
    """Yield a text as texts and links."""
    from markdown_it.token import Token  # noqa: PLC0415 (see `web.html.chat.markdown`)

    at, said = 0, text.content
    for found in ADDRESS.finditer(said):
        address = _trimmed(found[0])
        target = state.md.normalizeLink(address)
        if not state.md.validateLink(target):
            continue
        yield Token("text", "", 0, content=said[at : found.start()])
        yield Token("link_open", "a", 1, attrs={"href": target})
        yield Token("text", "", 0, content=address)
        yield Token("link_close", "a", -1)
        at = found.start() + len(address)
    yield Token("text", "", 0, content=said[at:])


def _trimmed(address: str) -> str:
    """Return an address without what belongs to the sentence around it."""
    while address.endswith(tuple(BEHIND)) or (address.endswith(")") and address.count(")") > address.count("(")):
        address = address[:-1]
    return address


# --- tasks ---


def _draw_boxes(state: "StateCore") -> None:
    """Draw `[ ]` and `[x]` at the beginning of an item of a list as boxes."""
    for item, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        kinds = item.type, paragraph.type
        if kinds != ("list_item_open", "paragraph_open") or not inline.children:
            continue
        first = inline.children[0]
        if found := TASK.match("" if first.markup else first.content):  # code has a markup, text has none
            first.content = BOXES[found[1]] + first.content[found.end() :]
            item.attrSet("class", "task")


# --- blank lines in lists ---


def _loosen_items(state: "StateCore") -> None:
    """Draw a text in an item as a paragraph where a blank line stands before it, within the list.

    CommonMark does so in all items where a blank line stands in one of them. Then an item could not be drawn before
    the list ends. `env["behind_blank"]`: a blank line stood before the item with which the text begins.
    """
    lines = state.src.split("\n")
    around: list[Token] = []
    for place, token in enumerate(state.tokens):
        kinds = [token.type, *(one.type for one in around[-1:])]
        if kinds == ["paragraph_open", "list_item_open"]:
            line, first = ((one.map or [0])[0] for one in (token, around[-2]))
            blank = not lines[line - 1].strip(" \t>") if line > first else not line and state.env.get("behind_blank")
            token.hidden = state.tokens[place + 2].hidden = not blank  # its tokens: open, inline, close
        if token.nesting > 0:
            around.append(token)
        elif token.nesting < 0:
            around.pop()
