"""Where words stand in a text, although both are compared in their normal form. Pure."""

import unicodedata
from collections.abc import Iterable

from bus.text.normal import normal

Span = tuple[int, int]
"""Beginning and end in the text as it was typed."""


def spans(text: str, wanted: Iterable[str]) -> list[Span]:
    """Return where any of these words stand, in order, without overlaps."""
    found, starts, ends = _mapped(text)
    made = [
        (starts[place], ends[place + len(word) - 1])
        for word in {normal(one) for one in wanted} - {""}
        for place in _all(found, word)
    ]
    return list(_joined(sorted(made)))


def has_any(text: str, wanted: Iterable[str]) -> bool:
    """Return whether one of these words is in a text."""
    found = normal(text)
    return any(word in found for one in wanted if (word := normal(one)))


def _mapped(text: str) -> tuple[str, list[int] | range, list[int] | range]:
    """Return the normal form, and for each of its characters where the letter begins and ends that it comes from."""
    if text.isascii():
        return normal(text), range(len(text)), range(1, len(text) + 1)
    pieces, starts, ends = list[str](), list[int](), list[int]()
    begin = 0
    for end in [*(place for place, one in enumerate(text) if place and not _joins(one)), len(text)]:
        piece = normal(text[begin:end])
        pieces.append(piece)
        starts += [begin] * len(piece)
        ends += [end] * len(piece)
        begin = end
    return "".join(pieces), starts, ends


def _joins(one: str) -> bool:
    """Return whether a character belongs to the letter before it: an accent, a Korean vowel, a mark of half width."""
    return one > "\xa0" and (
        unicodedata.category(one) in ("Mn", "Mc", "Me", "Cf") or "\u1160" <= one <= "\u11ff" or one in "\uff9e\uff9f"
    )


def _all(text: str, word: str) -> Iterable[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + len(word))


def _joined(made: Iterable[Span]) -> Iterable[Span]:
    last: Span | None = None
    for start, end in made:
        if last and start <= last[1]:
            last = last[0], max(last[1], end)
        else:
            if last:
                yield last
            last = start, end
    if last:
        yield last
