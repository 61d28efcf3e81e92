"""Cut a short piece out of a text, around the words that were searched."""

import unicodedata
from collections.abc import Iterable, Sequence

BEFORE = 40
"""Characters shown before the first word that was found."""
LONGEST = 160
"""Characters shown altogether."""


def folded(text: str) -> str:
    """Return the text in lower case without accents. Each character stays at its index."""
    return "".join(unicodedata.normalize("NFD", one)[0].lower()[:1] or one for one in text)


def excerpt(texts: Iterable[str], words: Sequence[str]) -> str:
    """Return a piece, in one line, of the first text with one of the words; else of the first non-empty text."""
    wanted = [folded(word) for word in words]
    present = [text for text in texts if text]
    for text in present:
        plain = folded(text)
        if starts := [start for word in wanted if (start := plain.find(word)) >= 0]:
            return cut(text, max(0, min(starts) - BEFORE))
    return cut(present[0], 0) if present else ""


def cut(text: str, start: int) -> str:
    """Return at most `LONGEST` characters from `start` on, with `…` where text was left out."""
    piece = " ".join(text[start : start + LONGEST].split())
    return f"{'…' if start else ''}{piece}{'…' if start + LONGEST < len(text) else ''}"
