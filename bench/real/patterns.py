"""Whether a value in a row is what an order asks for. Pure.

A pattern is a number, true, false or a text, which must be equal (texts: whatever the case); a list: any of them; the
text `*`: anything. A text that begins with `~` must contain each of the words behind it, in any order and case; `a|b`
stands for either of two words. Such a text may have `MOST_MORE_WORDS` words beside them, so that a model may word it
freely and still may not write the whole order into a title. After `~~` it may be as long as it likes, as in a note.
"""

from typing import Any

MOST_MORE_WORDS = 4
SAME = 1e-6
"""Numbers that differ by less are the same."""


def fits(value: Any, pattern: Any) -> bool:
    """Return whether a value is what a pattern asks for."""
    if pattern is None:
        return value is None
    if isinstance(pattern, list):
        return any(fits(value, one) for one in pattern)
    if pattern == "*":
        return True
    if isinstance(pattern, str):
        return isinstance(value, str) and _text_fits(value.casefold().strip(), pattern.casefold().strip())
    if isinstance(pattern, bool) or isinstance(value, bool):
        return value is pattern
    return isinstance(value, int | float) and abs(value - pattern) < SAME


def contains(text: str, pattern: str) -> bool:
    """Return whether a text contains each word of a pattern that begins with `~`, however long the text is."""
    return all(any(word in text.casefold() for word in words.split("|")) for words in _words(pattern))


def _text_fits(value: str, pattern: str) -> bool:
    if not pattern.startswith("~"):
        return value == pattern
    is_short = len(value.split()) <= len(_words(pattern)) + MOST_MORE_WORDS
    return contains(value, pattern) and (is_short or pattern.startswith("~~"))


def _words(pattern: str) -> list[str]:
    return pattern.casefold().lstrip("~").split()
