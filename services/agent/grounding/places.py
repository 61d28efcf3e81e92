"""Where the user said that a row is to be moved. Pure."""

from collections.abc import Sequence

from apps.tables import Row, Table
from services.agent.grounding.rows import Key, named_rows
from services.agent.grounding.vocabulary import AFTER, BEFORE, BOTTOM, DOWN, TOP, UP
from services.agent.grounding.words import words_of

WORDS_BEHIND = 8
"""Words behind "before" or "after" among which the row is named that is meant."""


def places_said(text: str, moved: Key, rows: Sequence[Row], table: Table) -> set[Key]:
    """Return the rows behind which row `moved` may go by a text (0: to the top). `rows`: in their order."""
    others = [row for row in rows if row["id"] != moved]
    keys: list[Key] = [row["id"] for row in others]
    words = words_of(text)
    allowed: set[Key] = set()
    for at, word in enumerate(words):
        named = named_rows(" ".join(words[at + 1 : at + 1 + WORDS_BEHIND]), others, table).clearly
        if word in AFTER:
            allowed |= named
        if word in BEFORE:
            allowed |= {before(key, keys) for key in named}
    place = next((at for at, row in enumerate(rows) if row["id"] == moved), 0)
    return allowed or _without_other_row(words, keys, place)


def _without_other_row(words: Sequence[str], keys: Sequence[Key], place: int) -> set[Key]:
    """Return after which rows the moved one may stand when no other row is named. `place`: where it stands now."""
    last = keys[-1] if keys else 0
    allowed: set[Key] = {0} if any(word in TOP for word in words) else set()
    if any(word in BOTTOM for word in words):
        allowed.add(last)
    if any(word in UP for word in words):
        allowed |= {0, keys[place - 2] if place >= 2 else 0}
    if any(word in DOWN for word in words):
        allowed |= {last, keys[place] if place < len(keys) else last}
    return allowed


def before(key: Key, keys: Sequence[Key]) -> Key:
    """Return the id in front of `key`; 0 for the top."""
    at = keys.index(key)
    return keys[at - 1] if at else 0
