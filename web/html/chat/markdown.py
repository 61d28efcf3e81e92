"""Turns the model's Markdown into safe HTML: rendered without raw HTML, highlighted, then sanitised.

The libraries are imported at the first use, so that an idle web process does not need their memory.
"""

# ruff: noqa: PLC0415 (imports inside functions are the point)

from functools import cache, lru_cache
from html import escape
from typing import TYPE_CHECKING

from web.html.chat.emphasis import emphasis

if TYPE_CHECKING:
    import nh3
    from markdown_it import MarkdownIt

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
}
"""No `img`: opening a conversation must not ask another machine for anything."""

ATTRIBUTES: dict[str, set[str]] = {"a": {"href"}, "ol": {"start"}, "*": set()}
"""No attribute with free text: `_framed` relies on `<` being the start of a tag (the parser encodes it in a link)."""

CODE_START = (
    '<div class="code"><button type="button" class="icon icon-copy" data-copy="code" aria-label="Copy the code" '
    'title="Copy the code"></button><pre tabindex="0">'
)
TABLE_START = '<div class="wide" tabindex="0"><table>'
"""Code and tables can be wider than the page: they scroll on their own, also by keyboard."""


def render(text: str) -> str:
    """Return the HTML of a Markdown text."""
    return _render_once(text) if len(text) <= LONGEST_CACHED else _render(text)


@lru_cache(maxsize=CACHED_TEXTS)
def _render_once(text: str) -> str:
    return _render(text)


def _render(text: str) -> str:
    if len(text) > LONGEST_RENDERED:
        return f"<p>{escape(text)}</p>"
    return _framed(_cleaner().clean(_parser().render(text)).strip())


def _framed(html: str) -> str:
    """Add frames and buttons after sanitising: then every `<pre>` or `<table>` in the HTML is really a tag."""
    html = html.replace("<pre>", CODE_START).replace("</pre>", "</pre></div>")
    return html.replace("<table>", TABLE_START).replace("</table>", "</table></div>")


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    options = {"html": False, "highlight": _highlighted}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    parser.inline.ruler.at("emphasis", emphasis)
    return parser


@cache
def _cleaner() -> "nh3.Cleaner":
    import nh3
    from pygments.token import STANDARD_TYPES

    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes={"span": {name for name in STANDARD_TYPES.values() if name}},
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    )


def _highlighted(code: str, language: str, _attributes: str) -> str:
    """Return the code in spans with Pygments' short classes; "" (meaning: unchanged) when it cannot be highlighted."""
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    if not language or len(code) > LONGEST_HIGHLIGHTED:
        return ""
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return ""
    return highlight(code, lexer, HtmlFormatter(nowrap=True))
