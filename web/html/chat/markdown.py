"""Turns the model's Markdown into safe HTML: rendered without raw HTML, highlighted, then sanitised.

The libraries are imported at the first use, so that an idle web process does not need their memory.
"""

# ruff: noqa: PLC0415 (imports inside functions are the point)

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from html import escape
from typing import TYPE_CHECKING, NamedTuple, cast

from web.html.markdown import blocks, math
from web.html.markdown.additions import use_additions
from web.html.markdown.emphasis import emphasis

if TYPE_CHECKING:
    import nh3
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token

LONGEST_RENDERED = 50_000
"""Characters. A longer text is shown as plain text. A hostile text of this length takes less than a second."""
LONGEST_HIGHLIGHTED = 20_000
"""Characters of one code block. A longer one is shown in one colour."""
LONGEST_CACHED = 32_000
"""Characters. Longer texts are not cached."""
CACHED_TEXTS = 64
"""The two limit the cache's memory. The cache is there because each new tab renders the history again."""

TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "em", "strong", "s", "a"),
    *("ul", "ol", "li", "pre", "code", "span", "table", "thead", "tbody", "tr", "th", "td"),
    *math.TAGS,
}
"""No `img`: opening a conversation must not ask another machine for anything."""

ATTRIBUTES: dict[str, set[str]] = {"a": {"href"}, "ol": {"start"}, "code": {"class"}, "*": set(), **math.ATTRIBUTES}
"""No attribute with free text: `_framed` relies on `<` being the start of a tag (the parser encodes it in a link)."""

COPY = (
    '<button type="button" class="icon icon-copy" data-copy="code" aria-label="Copy the code" title="Copy the code">'
    "</button>"
)
DOWNLOAD = (
    '<button type="button" class="icon icon-save" data-download="{file}" aria-label="Save the code as a file" '
    'title="Save the code as a file"></button>'
)
LANGUAGE = re.compile(r"language-([\w+#.-]{1,30})")
CODE = re.compile(r'<pre><code(?: class="language-([\w+#.-]{1,30})")?>(.*?)</code></pre>', re.DOTALL)
DOWNLOADED_LINES = 40
"""Code with more lines can be saved as a file."""
DIFF = re.compile(r"diff --git |--- .+\n\+\+\+ |@@ -\d")
"""The beginning of a diff, also where the model does not say that it is one."""
TABLE_START = '<div class="wide" tabindex="0"><table>'
"""Code and tables can be wider than the page: they scroll on their own, also by keyboard."""


def render(text: str) -> str:
    """Return the HTML of a Markdown text."""
    return "\n".join(render_blocks(text))


def render_blocks(text: str) -> Sequence[str]:
    """Return the HTML of each block of a Markdown text, each one element."""
    return _render_once(text) if len(text) <= LONGEST_CACHED else _render(text)


class Part(NamedTuple):
    """A part of an item of a list, as HTML: see `blocks.ItemPart`."""

    depth: int
    html: str
    """Balanced. What is put into its last element comes before that element's end."""


@dataclass(slots=True)
class DrawnList:
    """A list as HTML, which may still grow by items, and its open item by parts."""

    start: str
    end: str
    items: list[str] = field(default_factory=list)
    open: list[Part] = field(default_factory=list)
    """The finished parts of the item behind them; none while it is not divided."""
    divided: dict[int, list[Part]] = field(default_factory=dict)
    """All parts of the items that were drawn part by part, by their place in the list."""

    @property
    def html(self) -> str:
        """The whole list, one element."""
        return f"{self.upto(len(self.items))}\n{self.end}"

    def upto(self, count: int) -> str:
        """Return the HTML up to the end of the first `count` items."""
        return "\n".join([self.start, *self.items[:count]])


def render_list(text: str, *, behind_blank: bool = False) -> tuple[DrawnList | None, Sequence[str]]:
    """Return the list with which a text begins, None if it begins with none, and the HTML of the blocks behind it.

    `behind_blank`: the text is the rest of a list, and a blank line stood before it.
    """
    env: dict[str, object] = {"behind_blank": behind_blank}
    groups = list(blocks.parts(parser().parse(text, env)))
    found = _drawn_list(groups.pop(0), env) if groups and groups[0][0].type in blocks.LISTS else None
    return found, [_drawn_block(group, env) for group in groups]


def render_item(text: str, *, behind_blank: bool = False) -> list[Part]:
    """Return the first item of the list with which a text begins, in parts."""
    env: dict[str, object] = {"behind_blank": behind_blank}
    first = next(iter(blocks.parts(parser().parse(text, env))), None)
    if not first or first[0].type not in blocks.LISTS:
        return []
    return [Part(part.depth, _drawn_part(part, env)) for part in blocks.item_parts(blocks.items(first)[0])]


def nested(parts: Sequence[Part]) -> str:
    """Return parts of an item as one HTML. None of them stands at a lower depth than the first one."""
    html, rest = "", list(parts)
    while rest:
        first = rest.pop(0)
        others = next((place for place, part in enumerate(rest) if part.depth <= first.depth), len(rest))
        inner, rest = rest[:others], rest[others:]
        end = first.html.rfind("</")
        html += first.html[:end] + nested(inner) + first.html[end:] if inner else first.html
    return html


def finished(text: str) -> blocks.Finished:
    """Return how much at the start of a text that grows is finished: see `blocks.finished`."""
    return blocks.finished(text, parser())


def as_written(text: str) -> str:
    """Return the HTML of a text that is shown as it was written."""
    return f"<p>{escape(text)}</p>"


def prepare() -> None:
    """Import the libraries. In a thread: that takes a third of a second, and the first token must not wait for it."""
    render_blocks("```python\nprepared = True\n```")


@lru_cache(maxsize=CACHED_TEXTS)
def _render_once(text: str) -> Sequence[str]:
    return _render(text)


def _render(text: str) -> Sequence[str]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    env = dict[str, object]()
    groups = list(blocks.parts(parser().parse(text[:LONGEST_RENDERED], env)))
    rest = ""
    if len(text) > LONGEST_RENDERED:
        last = groups.pop()[0].map if groups else None
        rest = as_written(text[blocks.offset(text, last[0] if last else 0) :])
    return tuple(html for html in (*(_drawn_block(group, env) for group in groups), rest) if html)


def _drawn_block(tokens: Sequence["Token"], env: dict[str, object]) -> str:
    return _drawn_list(tokens, env).html if tokens[0].type in blocks.LISTS else _drawn(tokens, env)


def _drawn_list(tokens: Sequence["Token"], env: dict[str, object]) -> DrawnList:
    """Draw a list item by item, so that one that is being written looks the same."""
    start, end = _frame(tokens, env)
    return DrawnList(start, end, [_drawn(item, env) for item in blocks.items(tokens)])


def _frame(tokens: Sequence["Token"], env: dict[str, object]) -> tuple[str, str]:
    """Return the beginning and the end of a list."""
    start, end = _drawn([tokens[0], tokens[-1]], env).split("</")
    return start, f"</{end}"


def _drawn_part(part: blocks.ItemPart, env: dict[str, object]) -> str:
    """Draw a part of an item, with the line breaks that the renderer puts around it."""
    first = part.tokens[0]
    if first.hidden:
        return _drawn(part.tokens, env)
    html = "\n".join(_frame(part.tokens, env)) if first.type in blocks.LISTS else _drawn(part.tokens, env)
    is_on_new_line = part.is_behind_words and first.type not in cast("RendererHTML", parser().renderer).rules
    return f"\n{html}\n" if is_on_new_line else f"{html}\n"


def _drawn(tokens: Sequence["Token"], env: dict[str, object]) -> str:
    reader = parser()
    return _framed(_cleaner().clean(reader.renderer.render(tokens, reader.options, env)).strip())


def _framed(html: str) -> str:
    """Add frames and buttons after sanitising: then every `<pre>` or `<table>` in the HTML is really a tag."""
    html = CODE.sub(_framed_code, html)
    return html.replace("<table>", TABLE_START).replace("</table>", "</table></div>")


def _framed_code(found: re.Match[str]) -> str:
    language, code = found[1] or "", found[2]
    buttons = COPY
    if code.count("\n") > DOWNLOADED_LINES:
        buttons += DOWNLOAD.format(file=f"code{_file_ending(language)}")
    named = f' data-language="{language}"' if language else ""
    return f'<div class="code"{named}>{buttons}<pre tabindex="0"><code>{code}</code></pre></div>'


@cache
def parser() -> "MarkdownIt":
    """Return the parser that reads every text."""
    from markdown_it import MarkdownIt

    options = {"html": False, "highlight": _highlighted}
    made = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    made.inline.ruler.at("emphasis", emphasis)
    use_additions(made)
    math.use_math(made)
    return made


@cache
def _cleaner() -> "nh3.Cleaner":
    import nh3
    from pygments.token import STANDARD_TYPES

    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes={"span": {name for name in STANDARD_TYPES.values() if name}, "li": {"task"}, **math.CLASSES},
        attribute_filter=_filtered,
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    )


def _filtered(tag: str, name: str, value: str) -> str | None:
    """Return what the sanitiser keeps of an attribute: of code, only the name of its language."""
    return value if (tag, name) != ("code", "class") or LANGUAGE.fullmatch(value) else None


def _file_ending(language: str) -> str:
    """Return how the name of a file in a language ends; ".txt" for an unknown one."""
    from pygments.lexers import find_lexer_class_by_name
    from pygments.util import ClassNotFound

    try:
        patterns = find_lexer_class_by_name(language).filenames
    except ClassNotFound:
        return ".txt"
    return next((one[1:] for one in patterns if one.startswith("*.") and one[2:].isalnum()), ".txt")


def _highlighted(code: str, language: str, _attributes: str) -> str:
    """Return the code in spans with Pygments' short classes; "" (meaning: unchanged) when it cannot be highlighted."""
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    if not language and DIFF.match(code):
        language = "diff"
    if not language or len(code) > LONGEST_HIGHLIGHTED:
        return ""
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return ""
    return highlight(code, lexer, HtmlFormatter(nowrap=True))
