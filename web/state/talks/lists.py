"""What the list of conversations shows, and under which heading each one stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from apps.tables import Row

TALKS_SHOWN = 50
"""Conversations in a page at most. The others are found by a search, or by going on to older ones."""
MOST_PINNED = 25
LONGEST_WORDS = 200
"""Characters of a search."""

PINNED, TODAY, YESTERDAY, THIS_WEEK, OLDER = "Pinned", "Today", "Yesterday", "This week", "Older"
WEEK = timedelta(days=7)


@dataclass(slots=True)
class TalkWindow:
    """What one tab's list shows: what is searched for, or how many newer conversations are left out."""

    words: str = ""
    offset: int = 0
    is_open: bool = False
    """It was opened. Before that it is empty in the page, and nothing is read for it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message in which words were found."""

    message: int
    text: str


@dataclass(frozen=True, slots=True)
class TalkList:
    """The conversations in the list, in their order. Empty until it is opened."""

    rows: tuple[Row, ...] = ()
    more: bool = False
    """Whether there are older ones."""
    words: str = ""
    offset: int = 0
    hits: Mapping[int, Hit] = field(default_factory=dict)
    """For a search: the best message of each conversation, by the id of the conversation."""


def heading(row: Row, today: date) -> str:
    """Return the heading under which a conversation stands, by the day on which it began."""
    if row.get("pinned"):
        return PINNED
    began = datetime.fromtimestamp(row["created"] or 0).astimezone().date()
    if began >= today:
        return TODAY
    if began == today - timedelta(days=1):
        return YESTERDAY
    return THIS_WEEK if began > today - WEEK else OLDER
