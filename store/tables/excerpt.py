"""Cut a short piece out of a text, around the words that were searched."""

from collections.abc import Iterable, Sequence

from bus.text.places import has_any, spans

BEFORE = 40
"""Characters shown before the first word that was found."""
LONGEST = 160
"""Characters shown altogether."""


def excerpt(texts: Iterable[str], words: Sequence[str]) -> str:
    """Return a piece, in one line, of the first text with one of the words; else of the first non-empty text."""
    present = [text for text in texts if text]
    for text in present:
        if has_any(text, words) and (found := spans(text, words)):
            return cut(text, max(0, found[0][0] - BEFORE))
    return cut(present[0], 0) if present else ""


def cut(text: str, start: int) -> str:
    """Return at most `LONGEST` characters from `start` on, with `…` where text was left out."""
    piece = " ".join(text[start : start + LONGEST].split())
    return f"{'…' if start else ''}{piece}{'…' if start + LONGEST < len(text) else ''}"
