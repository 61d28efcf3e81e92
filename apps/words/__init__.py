"""Read what people write for dates, moments, durations, money and repeats: English, German, French and Spanish.

All functions are pure: the time comes in as `now`, an aware datetime whose tzinfo is the reader's zone. `locale` ("de",
"en-US", "" if unknown) decides only what is ambiguous otherwise: docs/decisions/words.md. What is not understood is
None; no text makes any of them raise.
"""

from datetime import datetime

from apps.words.durations import in_signs
from apps.words.moments import iso_moment, written
from apps.words.money import money_of
from apps.words.quick_entry import Found, Part, all_in, found_in
from apps.words.reader import LONGEST_TEXT, Reader, lengths_of, rules_of

__all__ = [
    "Found",
    "Part",
    "days_in",
    "find",
    "read_date",
    "read_duration",
    "read_moment",
    "read_money",
    "read_repeat",
    "repeats_in",
]


def read_date(text: str, now: datetime, locale: str = "") -> str | None:
    """Return "YYYY-MM-DD"; None for anything but a day ("tomorrow 9:00" is a moment)."""
    days = (one.day for one in Reader(now, locale).readings(text) if one.minutes is None)
    return next((day.isoformat() for day in days if day), None)


def read_moment(text: str, now: datetime, locale: str = "") -> str | None:
    """Return "2026-11-28T09:00:00+01:00[Europe/Berlin]", without the brackets if the zone has no name."""
    reader = Reader(now, locale)
    moments = (iso_moment(text, now), *map(reader.moment, reader.readings(text)))
    return next((written(one) for one in moments if one), None)


def read_duration(text: str) -> int | None:
    """Return whole seconds. Months and years have no fixed length, so they are None."""
    if len(text) > LONGEST_TEXT:
        return None
    found = in_signs(text.strip())
    return next(lengths_of(text), None) if found is None else found


def read_money(text: str, locale: str = "") -> str | None:
    """Return "12.50" or "12.50 EUR": the digits as written, without groups and leading zeros."""
    return money_of(text, locale)


def read_repeat(text: str) -> str | None:
    """Return the RRULE text of a repeat, without the prefix: "FREQ=DAILY;INTERVAL=3"."""
    return next(rules_of(text), None)


def find(text: str, now: datetime, locale: str = "") -> Found:
    """Find the first date or moment, the first repeat, and the tags of a line."""
    return found_in(text, now, locale)


def days_in(text: str, now: datetime, locale: str = "") -> set[str]:
    """Return all dates and moments that a text names."""
    return all_in(text, now, locale)[0]


def repeats_in(text: str) -> set[str]:
    """Return the rules of all repeats that a text names."""
    return all_in(text, datetime.now().astimezone(), "")[1]
