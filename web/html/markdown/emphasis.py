"""Emphasis of Markdown beside letters of scripts that write no spaces, which CommonMark does not foresee.

By CommonMark, the stars in `これは**「重要」**な点です。` open and close nothing: behind them stands punctuation, and
before them a letter. Here such a letter counts like a blank, as https://github.com/tats-u/markdown-cjk-friendly
proposes. All else is as CommonMark says (https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run).
"""

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

EAST_ASIAN = re.compile(
    "[\u1100-\u11ff\u2e80-\u303f\u3041-\u33ff\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f"
    "\uff01-\uffee\U00020000-\U0003ffff]"
)
"""Letters and punctuation of Chinese, Japanese and Korean."""


def emphasis(state: "StateInline", silent: bool) -> bool:
    """Take a run of `*` or `_` and note what it may open and close. It takes the place of the parser's own rule."""
    from markdown_it.rules_inline.state_inline import Delimiter  # noqa: PLC0415 (see `web.html.chat.markdown`)

    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    length = run_length(state)
    before = state.src[state.pos - 1] if state.pos > 0 else " "
    after = state.src[state.pos + length] if state.pos + length < state.posMax else " "
    can_open, can_close = flanking(marker, before, after)
    for _ in range(length):
        token = state.push("text", "", 0)
        token.content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=length,
                token=len(state.tokens) - 1,
                end=-1,
                open=can_open,
                close=can_close,
            )
        )
    state.pos += length
    return True


def run_length(state: "StateInline") -> int:
    """Return how many equal characters stand at the place of the parser."""
    marker, end = state.src[state.pos], state.pos
    while end < state.posMax and state.src[end] == marker:
        end += 1
    return end - state.pos


def flanking(marker: str, before: str, after: str) -> tuple[bool, bool]:
    """Return whether a run of markers between two characters may open and may close emphasis."""
    left = not after.isspace() and (not is_punctuation(after) or parts(before))
    right = not before.isspace() and (not is_punctuation(before) or parts(after))
    if marker == "*":
        return left, right
    return left and (not right or is_punctuation(before)), right and (not left or is_punctuation(after))


def parts(one: str) -> bool:
    """Return whether a character parts words: a blank, punctuation, or a letter of a script without blanks."""
    return one.isspace() or is_punctuation(one) or EAST_ASIAN.match(one) is not None


def is_punctuation(one: str) -> bool:
    """Return whether CommonMark counts a character as punctuation."""
    return unicodedata.category(one)[0] in "PS"
