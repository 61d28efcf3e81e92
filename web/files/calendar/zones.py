"""A time zone as a calendar file holds it (VTIMEZONE of RFC 5545): when its clocks change, and by how much. Pure.

The rule is found by looking at the changes of `YEARS` years. Where they follow none (Morocco's, which go by the moon),
the days themselves are listed.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from apps.types.reader import zone_named

YEARS = 30
STEP = timedelta(days=7)
"""Clocks do not change and change back within a week."""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEK_DAYS = 7
MOST_ZONES = 64


@dataclass(frozen=True, slots=True)
class Offset:
    """What the clocks show: their distance from UTC, and what people call that."""

    distance: timedelta
    name: str


@lru_cache(MOST_ZONES)
def vtimezone(name: str, year: int) -> tuple[str, ...]:
    """Return the lines of a zone, right from the beginning of a year on; () for a name that is none."""
    zone = zone_named(name)
    if zone is None:
        return ()
    begin = datetime(year, 1, 1, tzinfo=UTC)
    first = _offset(zone, begin)
    groups: dict[tuple[Offset, Offset], list[datetime]] = defaultdict(list)
    for moment in _changes(zone, begin, datetime(year + YEARS, 1, 1, tzinfo=UTC)):
        before, after = _offset(zone, moment - timedelta(seconds=1)), _offset(zone, moment)
        groups[before, after].append((moment + before.distance).replace(tzinfo=None))
    parts = _observance(first, first, [datetime(1970, 1, 1)], year)
    for (before, after), moments in groups.items():
        parts += _observance(before, after, moments, year + YEARS - 1)
    return ("BEGIN:VTIMEZONE", f"TZID:{name}", *parts, "END:VTIMEZONE")


def _changes(zone: tzinfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the moments at which the clocks of a zone change, in UTC."""
    early = begin
    while early < end:
        late = early + STEP
        if _offset(zone, early) != _offset(zone, late):
            yield _between(zone, early, late)
        early = late


def _between(zone: tzinfo, early: datetime, late: datetime) -> datetime:
    """Return the first second of the new offset between two moments, by halving."""
    old = _offset(zone, early)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        early, late = (middle, late) if _offset(zone, middle) == old else (early, middle)
    return late


def _offset(zone: tzinfo, moment: datetime) -> Offset:
    shown = moment.astimezone(zone)
    return Offset(shown.utcoffset() or timedelta(), shown.tzname() or "")


def _observance(before: Offset, after: Offset, moments: list[datetime], last_year: int) -> tuple[str, ...]:
    """Return the lines of one kind of change. `moments`: on the clocks as they were before it."""
    kind = "DAYLIGHT" if after.distance > before.distance else "STANDARD"
    return (
        f"BEGIN:{kind}",
        f"DTSTART:{_written(moments[0])}",
        *_again(moments, last_year),
        f"TZOFFSETFROM:{_signed(before.distance)}",
        f"TZOFFSETTO:{_signed(after.distance)}",
        f"TZNAME:{after.name}",
        f"END:{kind}",
    )


def _again(moments: list[datetime], last_year: int) -> Iterator[str]:
    """Yield when a change comes again: its rule, or the moments behind the first one."""
    if rule := _yearly(moments, last_year):
        yield f"RRULE:{rule}"
    elif moments[1:]:
        yield f"RDATE:{','.join(map(_written, moments[1:]))}"


def _yearly(moments: list[datetime], last_year: int) -> str:
    """Return the rule of moments that come each year on the same weekday of a month; "" if they follow none."""
    first = moments[0]
    years = [one.year for one in moments]
    if len(moments) == 1 or years != list(range(first.year, last_year + 1)):
        return ""
    if len({(one.month, one.weekday(), one.time()) for one in moments}) > 1:
        return ""
    places = {(one.day - 1) // WEEK_DAYS + 1 for one in moments}
    if all(one.day + WEEK_DAYS > monthrange(one.year, one.month)[1] for one in moments):
        places = {-1}
    if len(places) > 1:
        return ""
    return f"FREQ=YEARLY;BYMONTH={first.month};BYDAY={places.pop()}{WEEKDAYS[first.weekday()]}"


def _written(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%S}"


def _signed(distance: timedelta) -> str:
    """Return a distance from UTC, like +0100; seconds only where there are any."""
    seconds = abs(round(distance.total_seconds()))
    text = f"{seconds // 3600:02}{seconds // 60 % 60:02}"
    return f"{'-' if distance < timedelta() else '+'}{text}{f'{seconds % 60:02}' if seconds % 60 else ''}"
