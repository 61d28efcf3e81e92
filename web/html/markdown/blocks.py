"""Where the blocks of a Markdown text end, also of one that still grows. Pure.

A text is drawn block by block: paragraphs, lists, tables, code. While it grows, the blocks that nothing can change any
more are drawn; the block behind them is open. Of a list that goes on, the items before the last one are finished.
Which ones are finished follows from the text so far alone, however it came in pieces.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

FENCE = re.compile(r"( {0,3})(`{3,}(?=[^`\n]*\n)|~{3,})[ \t]*([^\s`]*)[^\n]*\n")
"""The first line of code between fences: its indentation, its marks, its language."""
MAY_BELONG_TO_LIST = re.compile(r"\s|[-+*](?:\s|$)|\d{1,9}(?:[.)](?:\s|$)|$)|$")
"""The beginning of a line that may belong to the list before it, though a blank line stands between them."""
ITEM = re.compile(
    r"(?P<indent>[ \t]*+)(?:(?P<mark>[-+*])|\d{1,9}[.)])[ \t]++"
    r"(?!(?:(?P=mark)|[ \t])*+(?:\n|\Z))(?P<box>\[[ xX]\](?=\s))?"
)
"""The beginning of a line that is an item of a list, up to its text. A line of marks alone may still be a rule."""
WORDS = re.compile(r"[ \t]++[^\W\d_]")
"""The beginning of a line that holds nothing but words, behind its indentation."""
BLANK_OR_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})?[ \t]*\n?")
"""A line behind which words do not go on with the text before it."""
PARAGRAPH = "paragraph_open"
LISTS = ("bullet_list_open", "ordered_list_open")
IN_MARKDOWN = ("markdown", "md", "mdx")
"""Languages of code in which fences may stand: then a line of marks ends the innermost code."""


@dataclass(slots=True)
class Fence:
    """Code between fences, at the beginning of a text that may still grow."""

    marks: str
    language: str
    content: int
    """Where the code begins, in characters of the text."""
    end: int = 0
    """Where it ends, behind its last fence; 0 as long as that is not there."""
    read: int = 0
    """Until where whole lines were read."""
    depth: int = 0
    """How many fences are open within it."""

    @classmethod
    def of(cls, text: str) -> "Fence | None":
        """Return the code that a text begins with; None for any other block, and while its first line is not whole."""
        if found := FENCE.match(text):
            return cls(found[2], found[3].lower(), found.end(), read=found.end())
        return None

    def read_on(self, text: str, *, whole: bool = False) -> bool:
        """Read the lines that came; return whether the code ends. `whole`: the text does not grow any more."""
        while not self.end and self.read < len(text):
            line_end = text.find("\n", self.read) + 1 or (len(text) if whole else 0)
            if not line_end:
                return False
            self._take(text[self.read : line_end], line_end)
            self.read = line_end
        return self.end > 0

    def may_end_at(self, line: str) -> bool:
        """Return whether a line, or its beginning, may be the fence that ends the code."""
        return len(line) - len(line.lstrip(" ")) < 4 and not line.strip().strip(self.marks[0])

    def _take(self, line: str, line_end: int) -> None:
        marks = line.strip()
        if not marks.startswith(self.marks) or not self.may_end_at(line[: line.find(marks) + len(self.marks)]):
            return
        if not marks.strip(self.marks[0]):
            self.depth -= 1
            self.end = line_end if self.depth < 0 else 0
        elif self.language in IN_MARKDOWN:
            self.depth += 1


class ItemPart(NamedTuple):
    """A part of an item that is drawn on its own: the item with its first words, a block in it, or a list in it.

    The items of a list in it are parts of their own.
    """

    depth: int
    """How many elements below the outer list it is put: 0 for the item, 1 for a block in it, 2 for an item of a list
    in it, and so on."""
    tokens: Sequence["Token"]
    is_behind_words: bool = False
    """Right before it stands a text that is no paragraph."""


class Divided(NamedTuple):
    """How the open item of a list that grows is divided into parts. The last part is open."""

    parts: int
    """How many parts it has."""
    open_at: int
    """Where the last part begins, in characters of the text."""
    read: int
    """How many characters of the text were read: of the line that is being written only its beginning."""


class Finished(NamedTuple):
    """How much at the start of a text that grows can be drawn."""

    length: int
    """Characters; 0 for none."""
    are_items: bool = False
    """They are items of a list that goes on, and no whole blocks."""
    divided: Divided | None = None
    """Where nothing but an item of a list has begun: how that is divided."""


def finished(text: str, parser: "MarkdownIt") -> Finished:
    """Return how much at the start of a text nothing can change any more.

    `text`: begins with a block, and may end within a line. Of that line only its beginning counts.
    """
    lines = text.rfind("\n") + 1
    begun = begun_part(text, lines)
    read = begun.end() + 1 if begun else lines
    tokens: list[Token] = []
    parser.block.parse(text[:read], parser, {"grows": True}, tokens)
    groups = list(parts(tokens))
    if not groups:
        return Finished(0)
    last = groups[-1]
    if not begun and _is_finished(last[0], text[:lines], text[lines:]):
        return Finished(lines)
    if len(groups) > 1:
        return Finished(offset(text, _first_line(last)))
    if last[0].type not in LISTS:
        return Finished(0)
    *ended, open_item = items(last)
    if ended:
        return Finished(offset(text, _first_line(open_item)), are_items=True)
    divided = list(item_parts(open_item))
    return Finished(0, divided=Divided(len(divided), offset(text, _first_line(divided[-1].tokens)), read))


def begun_part(text: str, line: int) -> re.Match[str] | None:
    """Return the beginning of a line that begins an item, or words behind a blank line or code. `line`: its place."""
    before = text.rfind("\n", 0, max(0, line - 1)) + 1
    is_apart = BLANK_OR_FENCE.fullmatch(text, before, line)
    return ITEM.match(text, line) or (WORDS.match(text, line) if is_apart else None)


def ends_blank(lines: str) -> bool:
    """Return whether the last one of whole lines is blank."""
    return not lines[lines.rfind("\n", 0, -1) + 1 :].strip()


def _first_line(tokens: Sequence["Token"]) -> int:
    return (tokens[0].map or [0])[0]


def _is_finished(last: "Token", lines: str, begun: str) -> bool:
    """Return whether nothing can change the last block of a text. `begun`: the beginning of the line behind it."""
    kind = last.type
    if kind in ("heading_open", "hr") or last.meta.get("closed"):
        return True
    if not ends_blank(lines):
        return False
    if kind in (*LISTS, "code_block"):
        return not MAY_BELONG_TO_LIST.match(begun)
    return kind in ("paragraph_open", "table_open", "blockquote_open")


def parts(tokens: Sequence["Token"], level: int = 0) -> Iterator[list["Token"]]:
    """Yield the tokens of each part that stands at a level: 0 for the blocks that stand in no other block."""
    group: list[Token] = []
    for token in tokens:
        group.append(token)
        if token.level == level and token.nesting <= 0:
            yield group
            group = []


def items(tokens: Sequence["Token"]) -> list[list["Token"]]:
    """Return the tokens of each item of a list. `tokens`: of the list."""
    return list(parts(tokens[1:-1], level=tokens[0].level + 1))


def item_parts(item: Sequence["Token"], depth: int = 0) -> Iterator[ItemPart]:
    """Yield the parts of an item of a list, each behind those that stand before it. `item`: its tokens.

    An item that does not begin with words is one part. `depth`: of the item.
    """
    groups = list(parts(item[1:-1], level=item[0].level + 1))
    if not groups or groups[0][0].type != PARAGRAPH:
        yield ItemPart(depth, item)
        return
    yield ItemPart(depth, [item[0], *groups[0], item[-1]])
    for before, group in pairwise(groups):
        behind_words = before[-1].hidden
        if group[0].type not in LISTS:
            yield ItemPart(depth + 1, group, behind_words)
            continue
        yield ItemPart(depth + 1, [group[0], group[-1]], behind_words)
        for inner in items(group):
            yield from item_parts(inner, depth + 2)


def offset(text: str, line: int) -> int:
    """Return where a line of a text begins, in characters. `line`: 0 for the first one."""
    at = 0
    for _ in range(line):
        at = text.find("\n", at) + 1
    return at
