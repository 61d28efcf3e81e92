"""What the words for days mean. A week begins on Monday. docs/decisions/words.md tells what was decided and why."""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

from apps.words.patterns import Values

SATURDAY, SUNDAY = 5, 6
MOST_MONTHS_AHEAD = 12
"""In which a day such as the 31st is looked for."""
MOST_YEARS_AHEAD = 8
"""In which 29 February is looked for: 2096 and 2104 have one, and no year between them."""
CENTURY = 100

Meaning = Callable[[date, Values], date]
"""Takes today and what the slots hold. Raises ValueError or OverflowError if there is no such day."""


def date_meant(meaning: str, today: date, values: Values) -> date | None:
    """Return the day of a pattern; None if there is none: 30 February, or the year 10000."""
    name, _, given = meaning.partition(" ")
    try:
        return MEANINGS[name](today, {"period": given, **values} if given else values)
    except (ValueError, OverflowError):
        return None


def ahead(day: date, period: str, number: int) -> date:
    """Return the day so many days, weeks, months or years later. The 31st becomes the last day of a shorter month."""
    if period in ("day", "week"):
        return day + timedelta(days=number * (7 if period == "week" else 1))
    months = day.year * 12 + day.month - 1 + number * (12 if period == "year" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def first_of(day: date, period: str) -> date:
    """Return the first day of the week, month or year that a day lies in."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    return {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[period]


def last_of(day: date, period: str) -> date:
    """Return the last day of the week, month or year that a day lies in."""
    return ahead(first_of(day, period), period, 1) - timedelta(days=1)


def coming(today: date, weekday: int, *, least_days: int) -> date:
    """Return the first such weekday that is at least so many days away."""
    return today + timedelta(days=least_days + (weekday - today.weekday() - least_days) % 7)


def in_week(day: date, weekday: int) -> date:
    """Return the weekday of the week that a day lies in."""
    return first_of(day, "week") + timedelta(days=weekday)


def next_week(today: date) -> date:
    """Return the Monday of the next week."""
    return ahead(first_of(today, "week"), "week", 1)


def coming_day(today: date, day: int) -> date:
    """Return the next day of this number, today included. Months without it are passed over."""
    for months in range(MOST_MONTHS_AHEAD):
        month = ahead(first_of(today, "month"), "month", months)
        if day <= calendar.monthrange(month.year, month.month)[1] and month.replace(day=day) >= today:
            return month.replace(day=day)
    raise ValueError(f"no month has a day {day}")


def coming_date(today: date, day: int, month: int, year: int | None = None) -> date:
    """Return a day of a year; without a year, the next one, today included."""
    if year is not None:
        return date(year + today.year // CENTURY * CENTURY if year < CENTURY else year, month, day)
    for one in range(today.year, today.year + MOST_YEARS_AHEAD + 1):
        if day <= calendar.monthrange(one, month)[1] and date(one, month, day) >= today:
            return date(one, month, day)
    raise ValueError(f"no year has a day {day} of the month {month}")


def in_digits(today: date, text: str, *, month_first: bool) -> date | None:
    """Read "2026-11-28", "28.11.", "28/11/26" or, with `month_first`, "11/28/2026"; None if there is no such day."""
    first, second, *more = [int(one) for one in re.findall(r"[0-9]+", text)]
    try:
        if re.match("[0-9]{4}", text):
            return date(first, second, *more)
        if "." not in text and first <= 12 and (month_first or second > 12):
            first, second = second, first
        return coming_date(today, first, second, *more)
    except (ValueError, OverflowError):
        return None


MEANINGS: dict[str, Meaning] = {
    "today": lambda today, _: today,
    "tomorrow": lambda today, _: ahead(today, "day", 1),
    "day_after_tomorrow": lambda today, _: ahead(today, "day", 2),
    "yesterday": lambda today, _: ahead(today, "day", -1),
    "day_before_yesterday": lambda today, _: ahead(today, "day", -2),
    "ahead": lambda today, v: ahead(today, v["period"], v["number"]),
    "ago": lambda today, v: ahead(today, v["period"], -v["number"]),
    "weekday": lambda today, v: coming(today, v["weekday"], least_days=1),
    "this_weekday": lambda today, v: coming(today, v["weekday"], least_days=0),
    "next_weekday": lambda today, v: in_week(next_week(today), v["weekday"]),
    "last_weekday": lambda today, v: coming(today, v["weekday"], least_days=-7),
    "weekday_ahead": lambda today, v: ahead(coming(today, v["weekday"], least_days=1), "week", v["number"]),
    "next_period": lambda today, v: ahead(first_of(today, v["period"]), v["period"], 1),
    "weekend": lambda today, _: in_week(today, SATURDAY) if today.weekday() < SUNDAY else today,
    "next_weekend": lambda today, _: in_week(next_week(today), SATURDAY),
    "end_of": lambda today, v: last_of(today, v["period"]),
    "end_of_next": lambda today, v: last_of(ahead(first_of(today, v["period"]), v["period"], 1), v["period"]),
    "end_of_month": lambda today, v: last_of(coming_month(today, v["month"]), "month"),
    "day_of_month": lambda today, v: coming_day(today, v.get("ordinal") or v["day"]),
    "day_of_next_month": lambda today, v: next_month(today).replace(day=v.get("ordinal") or v["day"]),
    "day_and_month": lambda today, v: coming_date(today, v["day"], v["month"], v.get("year")),
}


def next_month(today: date) -> date:
    """Return the first day of the next month."""
    return ahead(first_of(today, "month"), "month", 1)


def coming_month(today: date, month: int) -> date:
    """Return the first day of the next such month, this one included."""
    return ahead(first_of(today, "month"), "month", (month - today.month) % 12)
