"""The type `when`: a day, or a day with a time of day: `2026-11-28`, `2026-11-28T09:00`.

It has no zone: what is due at 9:00 is due when the clock beside the reader shows 9:00 (docs/decisions/todo.md).
"""

import re
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from apps.types.date import as_shown, day_of, written_day
from apps.types.kinds import Days, FieldType, Misfit, Rules, wrong_type
from apps.types.moment import ISO as MOMENT_ISO
from apps.types.moment import check_moment, instant
from apps.types.reader import Reader, zone_here
from apps.words import read_date, read_moment

ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?)?", re.ASCII)
SHOWN = re.compile(r"(.+?)(?:, (\d\d:\d\d))?")
EXPECTED = "a day like 2026-11-28, or with a time like 2026-11-28T09:00"
END_OF_DAY = "T24:00"
"""A day without a time lasts until its end: it sorts behind the times of that day."""


def check_when(value: Any, _rules: Rules) -> str:
    """Take a day that the calendar has, with a time or without. A moment becomes what the clocks here show then."""
    if type(value) is not str:
        raise wrong_type(value, EXPECTED)
    if found := ISO.fullmatch(value):
        return joined(found[1], found[2])
    if MOMENT_ISO.fullmatch(value):
        return at_clock(instant(check_moment(value, Rules())), zone_here())
    raise Misfit("wrong_type", f"is {value!r:.60}. Expected: {EXPECTED}.")


def joined(day: str, clock: str | None) -> str:
    """Return a value of a day and a time of day, or raise `Misfit`."""
    checked = day_of(day).isoformat()
    if clock is None:
        return checked
    try:
        return f"{checked}T{time.fromisoformat(clock):%H:%M}"
    except ValueError:
        raise Misfit("bad_value", f"has the time {clock}, which no day has. Expected 00:00 to 23:59.") from None


def at_clock(moment: datetime, zone: tzinfo) -> str:
    """Return what the clocks of a zone show at a moment."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}".rjust(16, "0")


def parse_when(text: str, now: datetime, locale: str) -> str | None:
    """Read a day, with a time or without: as ISO 8601, as it is shown, or in words."""
    given = text.strip()
    if not given:
        return None
    if found := ISO.fullmatch(given):
        return joined(found[1], found[2])
    found = SHOWN.fullmatch(given)
    if found and (day := as_shown(found[1])):
        return joined(day, found[2])
    if day := read_date(given, now, locale):
        return day
    if moment := read_moment(given, now, locale):
        return at_clock(instant(moment), now.tzinfo or UTC)
    raise Misfit("wrong_type", f"is {given!r:.60}. Expected: {EXPECTED}.")


def local(value: str) -> datetime:
    """Return the beginning of a value, without a zone: of a day, midnight."""
    return datetime.fromisoformat(value)


def clock_of(value: str) -> str:
    """Return the time of day, "09:00"; "" for a whole day."""
    return value[11:]


def show_when(value: str, reader: Reader) -> str:
    """Return a day, and its time if it has one, in the reader's language: "28 Nov 2026, 09:00"."""
    day = written_day(local(value).date(), reader)
    return f"{day}, {clock_of(value)}" if clock_of(value) else day


def when_key(value: str) -> str:
    """Return a text that sorts by day, then by time; a whole day comes last."""
    return value if clock_of(value) else value + END_OF_DAY


def day_in(value: str, _zone: tzinfo) -> date:
    """Return the day, which is the same in every zone."""
    return local(value).date()


def between(first: date, last: date, _zone: tzinfo) -> tuple[str, str]:
    """Return the first minute of one day, and the other day."""
    return f"{first.isoformat()}T00:00", last.isoformat()


def clock_in(value: str, _zone: tzinfo) -> str:
    """Return the time of day; "" for a whole day."""
    return clock_of(value)


WHEN = FieldType(
    None,
    check_when,
    EXPECTED,
    show_when,
    parse_when,
    when_key,
    days=Days(day_in, between, clock_in),
    is_ordered=True,
    is_when=True,
)
