"""A short piece of a text around the words that were looked for."""

import unicodedata
from collections.abc import Iterable, Sequence

BEFORE = 40
LONGEST = 160
"""Characters before the first word that was found, and altogether."""


def folded(text: str) -> str:
    """Return the text without case and accents, character by character, so that places stay the same."""
    return "".join(unicodedata.normalize("NFD", one)[0].lower()[:1] or one for one in text)


def excerpt(texts: Iterable[str], words: Sequence[str]) -> str:
    """Return a piece of the first text with one of the words (else of the first that is not empty), in one line."""
    wanted = [folded(word) for word in words]
    present = [text for text in texts if text]
    for text in present:
        plain = folded(text)
        if places := [place for word in wanted if (place := plain.find(word)) >= 0]:
            return cut(text, max(0, min(places) - BEFORE))
    return cut(present[0], 0) if present else ""


def cut(text: str, start: int) -> str:
    """Return at most `LONGEST` characters from a place on, with `…` where something was left out."""
    piece = " ".join(text[start : start + LONGEST].split())
    return f"{'…' if start else ''}{piece}{'…' if start + LONGEST < len(text) else ''}"
