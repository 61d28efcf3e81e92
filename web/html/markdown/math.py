r"""Formulas in Markdown: `$…$`, `$$…$$`, `\(…\)` and `\[…\]` become MathML, which the browser draws by itself.

What is no formula that we can draw stays as it was written: prices, formulas with unknown commands, and those that are
too long or too deeply nested.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from math_core import LatexToMathML

LONGEST = 4_000
"""Characters of a formula. A longer one stays as it was written."""
DEEPEST = 100
"""Levels of braces and environments. The library ends the process at some tens of thousands."""
CLOSING = {"$$": "$$", "$": "$", r"\(": r"\)", r"\[": r"\]"}
OPENED = re.compile(r"\$\$?|\\[(\[]")
IN_BLOCK = re.compile(r" {0,3}(\$\$|\\\[)")
NESTING = re.compile(r"\\(?:begin|end|left|right)\b|\\.|[{}]", re.DOTALL)
DEEPER = ("{", r"\begin", r"\left")
PRICE = re.compile(r"\d[\d.,]*(?![\d.,])(?=.*\s)[^\\^_{}=<>+*/|]*\Z", re.DOTALL)
"""What stands between the signs in “$5 and 3$”: a number, then words, and nothing that only formulas have."""
ALIGNED = re.compile(r'<mtd style="text-align: (left|right);[^"]*">')

TAGS = {
    *("math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup"),
    *("munder", "mover", "munderover", "mmultiscripts", "mprescripts", "mtable", "mtr", "mtd", "mpadded", "mphantom"),
    "menclose",
}
ATTRIBUTES: dict[str, set[str]] = {
    "math": {"display"},
    "mi": {"mathvariant"},
    "mo": {"lspace", "rspace", "stretchy", "minsize", "maxsize", "symmetric", "largeop", "movablelimits", "fence"},
    "mspace": {"width"},
    "mfrac": {"linethickness"},
    "mrow": {"displaystyle", "scriptlevel"},
    "mtable": {"displaystyle", "scriptlevel"},
    "mover": {"accent"},
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
    "menclose": {"notation"},
}
CLASSES = {"mtd": {"left", "right"}}
"""In place of the styles for columns, which the page's security policy does not let through."""


def use_math(parser: "MarkdownIt") -> None:
    """Have a parser read formulas."""
    parser.inline.ruler.before("escape", "math", _inline)
    parser.block.ruler.before("code", "math_block", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    parser.add_render_rule("math_block", lambda _self, tokens, at, _options, _env: f"<p>{tokens[at].content}</p>")
    parser.add_render_rule("math", lambda _self, tokens, at, _options, _env: tokens[at].content)


def mathml(latex: str, *, display: bool) -> str:
    """Return a formula as MathML; "" for one that cannot be drawn. `display`: on lines of its own."""
    from math_core import LatexError  # noqa: PLC0415 (see `web.html.chat.markdown`)

    if not latex.strip() or len(latex) > LONGEST or _depth(latex) > DEEPEST:
        return ""
    try:
        made = _converter().convert_with_local_state(latex, displaystyle=display)
    except LatexError:
        return ""
    return ALIGNED.sub(r'<mtd class="\1">', made)


@cache
def _converter() -> "LatexToMathML":
    from math_core import LatexToMathML  # noqa: PLC0415 (see `web.html.chat.markdown`)

    return LatexToMathML()


def _depth(latex: str) -> int:
    """Return how deeply the braces and environments of a formula are nested."""
    deepest = depth = 0
    for mark in NESTING.finditer(latex):
        if mark[0] in DEEPER:
            depth += 1
            deepest = max(deepest, depth)
        elif mark[0] in ("}", r"\end", r"\right"):
            depth -= 1
    return deepest


# --- in a paragraph ---


def _inline(state: "StateInline", silent: bool) -> bool:
    """Take a formula, or pass over one that cannot be drawn, so that its signs stay as they were written."""
    found = OPENED.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    opening, begin = found[0], found.end()
    end = state.src.find(CLOSING[opening], begin, min(state.posMax, begin + LONGEST))
    if end < 0 or (opening == "$" and not _is_formula(state.src, begin, end)):
        return False
    behind = end + len(CLOSING[opening])
    made = mathml(state.src[begin:end], display=opening in ("$$", r"\["))
    if not silent:
        token = state.push("math" if made else "text", "", 0)
        token.content = made or state.src[state.pos : behind]
    state.pos = behind
    return True


def _is_formula(text: str, begin: int, end: int) -> bool:
    """Return whether what stands between two dollar signs is a formula. Prices are none: see pandoc's rule."""
    if (
        end == begin
        or text[begin - 2 : begin - 1].isalnum()
        or text[begin].isspace()
        or text[end - 1].isspace()
        or text[end + 1 : end + 2].isdigit()
    ):
        return False
    return not PRICE.match(text[begin:end])


# --- a block of its own ---


def _block(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """Take a formula on lines of its own. One that has no end yet is taken while the text grows (`env["grows"]`)."""
    if state.level > 0 or state.is_code_block(start):
        return False
    first = state.bMarks[start]
    found = IN_BLOCK.match(state.src, first)
    if not found:
        return False
    closing = CLOSING[found[1]]
    closed = state.src.find(closing, found.end(), found.end() + LONGEST)
    line = next((one for one in range(start, end) if closed >= 0 and state.eMarks[one] >= closed), end - 1)
    if closed >= 0 and state.src[closed + len(closing) : state.eMarks[line]].strip():
        return False  # text follows in the same line
    if closed < 0 and (not state.env.get("grows") or len(state.src) - first > LONGEST):
        return False
    made = mathml(state.src[found.end() : closed], display=True) if closed >= 0 else ""
    if closed >= 0 and not made:
        return False
    if silent:
        return True
    token = state.push("math_block", "", 0)
    token.content, token.map, token.meta = made, [start, line + 1], {"closed": closed >= 0}
    state.line = line + 1
    return True
