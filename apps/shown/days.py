"""On which day a row lies, and spans of days: weeks, months, years. Pure."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from apps.tables import Field
from apps.types.kinds import Misfit
from apps.types.moment import instant, placed, written

FIRST_YEAR, LAST_YEAR = 2, 9998
"""Of months that a calendar shows: each of their days has a day before and behind it."""


def day_of(type_name: str, value: Any, zone: tzinfo) -> date | None:
    """Return the day of a value of a date, moment or time in a zone; None for none, and for what is no such value."""
    try:
        match type_name:
            case "date":
                return date.fromisoformat(value) if value else None
            case "moment":
                return instant(value).astimezone(zone).date() if value else None
            case "time":
                return datetime.fromtimestamp(value, zone).date() if value else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return None


def first_day(day: date, unit: str) -> date:
    """Return the first day of the span in which a day lies. A week begins on Monday."""
    match unit:
        case "week":
            return day - timedelta(days=day.weekday()) if day.toordinal() > day.weekday() else day
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def next_span(day: date, unit: str) -> date:
    """Return the first day behind the span that begins on a day."""
    match unit:
        case "day":
            return day + timedelta(days=1)
        case "week":
            return day + timedelta(days=7)
        case "month":
            return month_after(day)
    return day.replace(year=day.year + 1)


def month_after(day: date, months: int = 1) -> date:
    """Return the first day of the month so many months later; of the first or last month that is shown, at most."""
    number = day.year * 12 + day.month - 1 + months
    number = min(max(number, FIRST_YEAR * 12), LAST_YEAR * 12 + 11)
    return date(number // 12, number % 12 + 1, 1)


def bounds(one: Field, first: date, behind: date, zone: tzinfo) -> dict[str, Any]:
    """Return the range of a `where` map for the values of a field from a day on, up to the day before another one."""
    if one.type == "date":
        return {"from": first.isoformat(), "to": (behind - timedelta(days=1)).isoformat()}
    begin, end = (midnight(day, zone) for day in (first, behind))
    last = end - timedelta(seconds=1)
    if one.type == "moment":
        return {"from": written(begin.astimezone(UTC), ""), "to": written(last.astimezone(UTC), "")}
    return {"from": begin.timestamp(), "to": last.timestamp() + 0.999999}


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return when a day begins in a zone, as a moment of UTC; where clocks skip midnight, the first time after it."""
    local = datetime(day.year, day.month, day.day)
    try:
        return placed(local, zone).astimezone(UTC)
    except Misfit:
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
