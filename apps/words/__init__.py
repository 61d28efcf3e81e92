"""Read what people write for dates, moments, durations, money and repeats: English, German, French and Spanish.

All functions are pure: the time comes in as `now`, an aware datetime whose tzinfo is the reader's zone. `locale` ("de",
"en-US", "" if unknown) decides only what is ambiguous otherwise: docs/decisions/words.md. What is not understood is
None; no text makes any of them raise.
"""

from dataclasses import dataclass
from datetime import datetime

from apps.words.stubs import none_yet

__all__ = ["Found", "Part", "find", "read_date", "read_duration", "read_moment", "read_money", "read_repeat"]


@dataclass(frozen=True, slots=True)
class Part:
    """Something that was understood in a line."""

    value: str
    """As in an order: a date, a moment, a rule or a tag."""
    spans: tuple[tuple[int, int], ...]
    """Where it stands: begin and end, in characters of the line. A moment may stand in two places."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was understood in a line of quick entry."""

    title: str
    """The line without the parts."""
    date: Part | None = None
    moment: Part | None = None
    """At most one of `date` and `moment` is there: the first of the line."""
    repeat: Part | None = None
    """Its value is an RRULE text without the prefix: "FREQ=WEEKLY;BYDAY=MO"."""
    tags: tuple[Part, ...] = ()
    """Values without the "#"."""


def read_date(text: str, now: datetime, locale: str = "") -> str | None:
    """Return "YYYY-MM-DD"; None for anything but a day ("tomorrow 9:00" is a moment)."""
    return none_yet(text, now, locale)


def read_moment(text: str, now: datetime, locale: str = "") -> str | None:
    """Return "2026-11-28T09:00:00+01:00[Europe/Berlin]", without the brackets if the zone has no name."""
    return none_yet(text, now, locale)


def read_duration(text: str) -> int | None:
    """Return whole seconds. Months and years have no fixed length, so they are None."""
    return None if none_yet(text) is None else 0


def read_money(text: str, locale: str = "") -> str | None:
    """Return "12.50" or "12.50 EUR": the digits as written, without groups and leading zeros."""
    return none_yet(text, locale)


def read_repeat(text: str) -> str | None:
    """Return the RRULE text of a repeat, without the prefix: "FREQ=DAILY;INTERVAL=3"."""
    return none_yet(text)


def find(text: str, now: datetime, locale: str = "") -> Found:
    """Find the first date or moment, the first repeat, and the tags of a line."""
    return Found(title=text)
