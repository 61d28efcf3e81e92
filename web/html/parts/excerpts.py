"""A line of a text around the words that were found in it, with the words marked."""

from bus.text.places import spans
from web.html.parts.elements import Mark

EXCERPT_LENGTH = 90
"""Characters of a text that are shown around the first word found."""


def excerpt(text: str, words: list[str]) -> str:
    """Return one line of the text around the first word found."""
    line = " ".join(text.split())
    found = spans(line, words)
    start = max(0, found[0][0] - EXCERPT_LENGTH // 3) if found else 0
    end = start + EXCERPT_LENGTH
    return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"


def highlighted(text: str, words: list[str]) -> list[object]:
    """Return the text in pieces, with each word that was found in a `mark` element."""
    pieces, place = list[object](), 0
    for start, end in spans(text, words):
        pieces += [text[place:start], Mark(text[start:end])]
        place = end
    return [piece for piece in [*pieces, text[place:]] if piece != ""]
