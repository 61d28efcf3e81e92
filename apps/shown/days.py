"""On which day a value lies, and spans of days: weeks, months, years. Pure."""

from datetime import date, timedelta, tzinfo
from typing import Any

from apps.types.kinds import FieldType

FIRST_YEAR, LAST_YEAR = 3, 9997
"""Of months that a calendar shows: each of their weeks has a day before and behind it in every zone."""


def day_of(kind: FieldType, value: Any, zone: tzinfo) -> date | None:
    """Return the day of a value in a zone; None for none, and for what is no value of this type (any more)."""
    if kind.days is None or not value:
        return None
    try:
        return kind.days.day(value, zone)
    except (TypeError, ValueError, OverflowError, OSError):
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
