"""Which rows the user's words name. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.tables import Row, Table
from services.agent.grounding.numbers import numbers_in, places_in
from services.agent.grounding.vocabulary import BOTTOM, SMALL_WORDS
from services.agent.grounding.words import content_words, said, words_of

Key = int | str
MARKED = re.compile(r"(?:#|\b(?:number|nummer|nr\.?|no\.|num[eé]ro|n[°º]) ?)(\d{1,9})(?!\w)", re.IGNORECASE)
"""A number that is marked as that of a row."""


@dataclass(frozen=True, slots=True)
class Named:
    """The rows that a text names. `clearly`: by a word of their own; `place`: by a number or a place in the list."""

    clearly: frozenset[Key]
    place: frozenset[Key] = frozenset()
    numbered: frozenset[Key] = frozenset()
    """By a number that is marked as one: “#12”."""

    @property
    def every(self) -> frozenset[Key]:
        """All of them: bare numbers name a row only where no words do."""
        return (self.clearly | self.numbered) or self.place


def named_rows(text: str, rows: Sequence[Row], table: Table) -> Named:
    """Return the rows that a text names: by a word that no other row has more of, or by number or place."""
    words = frozenset(words_of(text))
    clearly = _by_title(words, rows, table) or _by_any_text(words, rows, table)
    return Named(clearly, _by_place(text, words, rows), _by_mark(text, rows))


def _by_mark(text: str, rows: Sequence[Row]) -> frozenset[Key]:
    """Return the rows whose id is marked as one: “#12”, “number 12”."""
    marked = {int(one) for one in MARKED.findall(text)}
    return frozenset(row["id"] for row in rows if row["id"] in marked)


def title_of(row: Row, table: Table) -> str:
    """Return the title of a row; "" if it has none."""
    return str(row.get(table.title_field.name) or "")


def texts_of(row: Row, table: Table) -> str:
    """Return all texts of a row."""
    return " ".join(str(row.get(one.name) or "") for one in table.fields if one.kind.is_text)


def _by_title(words: frozenset[str], rows: Sequence[Row], table: Table) -> frozenset[Key]:
    return _by_words(words, {row["id"]: title_of(row, table) for row in rows})


def _by_any_text(words: frozenset[str], rows: Sequence[Row], table: Table) -> frozenset[Key]:
    return _by_words(words, {row["id"]: texts_of(row, table) for row in rows})


def _by_words(words: frozenset[str], texts: dict[Key, str]) -> frozenset[Key]:
    """Return the rows of which no other row has the same words and more, or the same words in a shorter text.

    Small words ("a", "the") count only beside others: they tell "plan a" from "plan b", and name nothing alone.
    """
    found: dict[Key, tuple[frozenset[str], float]] = {}
    for key, text in texts.items():
        parts = words_of(text)
        hit = frozenset(word for word in words if _is_in(word, parts))
        if any(said(part, hit) for part in content_words(text)):
            found[key] = hit, sum(_is_in(part, words) for part in parts) / len(parts)
    named = set()
    for key, (hit, share) in found.items():
        rivals = [other for rival, other in found.items() if rival != key]
        if not any(hit < more or (hit == more and share <= other) for more, other in rivals):
            named.add(key)
    return frozenset(named)


def _is_in(word: str, words: Iterable[str]) -> bool:
    return word in words if word in SMALL_WORDS else said(word, words)


def _by_place(text: str, words: Iterable[str], rows: Sequence[Row]) -> frozenset[Key]:
    """Return the rows at the places that are named, and those whose id is a number in the text."""
    places = places_in(text)
    named = {rows[place - 1]["id"] for place in places if place <= len(rows)}
    numbers = numbers_in(text)
    named |= {row["id"] for row in rows if row["id"] in numbers}
    named |= {rows[int(number) - 1]["id"] for number in numbers if number.is_integer() and 0 < number <= len(rows)}
    if rows and any(word in BOTTOM for word in words):
        named.add(rows[-1]["id"])
    return frozenset(named)
