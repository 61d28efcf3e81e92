"""The type `date`: a day of the calendar, `YYYY-MM-DD`."""

import re
from datetime import date, datetime, tzinfo
from typing import Any

from apps.types.kinds import Days, FieldType, Misfit, Rules, wrong_type
from apps.types.reader import LANGUAGES, Reader
from apps.words import read_date

ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
SHOWN = re.compile(r"(\d{1,2})\.? ([^\W\d]+)\.? (\d{1,4})")
EXPECTED = "a day like 2026-11-28"

MONTHS = {
    name.rstrip(".").casefold(): number
    for language in LANGUAGES.values()
    for number, name in enumerate(language.months, start=1)
}
"""The number of a month by its short name, in all languages: no name means two months."""


def check_date(value: Any, _rules: Rules) -> str:
    """Take a day that the calendar has."""
    if type(value) is not str:
        raise wrong_type(value, EXPECTED)
    return day_of(value).isoformat()


def day_of(text: str) -> date:
    """Return the day of an ISO text, or raise `Misfit`."""
    if not ISO.fullmatch(text):
        raise Misfit("wrong_type", f"is {text!r:.60}. Expected: {EXPECTED}.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misfit("bad_value", f"is {text}, a day that the calendar does not have. Expected: {EXPECTED}.") from None


def parse_date(text: str, now: datetime, locale: str) -> str | None:
    """Read a day: as ISO 8601, as it is shown, or in words."""
    given = text.strip()
    if not given:
        return None
    if ISO.fullmatch(given):
        return day_of(given).isoformat()
    if found := as_shown(given):
        return found
    if found := read_date(given, now, locale):
        return found
    raise Misfit("wrong_type", f"is {given!r:.60}. Expected: {EXPECTED}.")


def as_shown(text: str) -> str | None:
    """Return the day of a text like those that `show_date` returns; None for another text."""
    found = SHOWN.fullmatch(text)
    month = MONTHS.get(found[2].casefold()) if found else None
    if not found or not month:
        return None
    return day_of(f"{int(found[3]):04}-{month:02}-{int(found[1]):02}").isoformat()


def show_date(value: str, reader: Reader) -> str:
    """Return a day in the reader's language: "28 Nov 2026"."""
    return written_day(date.fromisoformat(value), reader)


def written_day(day: date, reader: Reader) -> str:
    """Return a day in the reader's language."""
    month = reader.language.months[day.month - 1]
    return reader.language.day.format(day=day.day, month=month, year=f"{day.year:04}")


def day_in(value: str, _zone: tzinfo) -> date:
    """Return the day, which is the same in every zone."""
    return date.fromisoformat(value)


def days_between(first: date, last: date, _zone: tzinfo) -> tuple[str, str]:
    """Return both days."""
    return first.isoformat(), last.isoformat()


DATE = FieldType(None, check_date, EXPECTED, show_date, parse_date, days=Days(day_in, days_between), is_ordered=True)
