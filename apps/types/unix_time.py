"""The type `time`: when the store inserted the row, in Unix seconds."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from apps.types.kinds import Days, FieldType, Misfit, Rules
from apps.types.numbers import check_real, parse_real, plain
from apps.types.reader import Reader

FIRST_TIME = datetime(1, 1, 2, tzinfo=UTC).timestamp()
LAST_TIME = datetime(9999, 12, 30, tzinfo=UTC).timestamp()
"""Unix seconds between which each time is a date in every zone."""
EXPECTED = "a time like 2026-11-20T09:30:00+00:00"
MINUTES = "%d %b %Y, %H:%M"
SECONDS = "%d %b %Y, %H:%M:%S"


def check_time(value: Any, rules: Rules) -> float:
    """Take Unix seconds that are a date; 0 stands for none."""
    seconds = check_real(value, rules)
    if not FIRST_TIME <= seconds <= LAST_TIME:
        raise Misfit(
            "bad_value", f"is {value!r:.60}, which is no date. Expected: seconds since 1970, not milliseconds."
        )
    return seconds


def date_and_time(value: Any, form: str = MINUTES, zone: tzinfo | None = None) -> str:
    """Return Unix seconds as people write a date, in a zone, else this machine's; what no calendar has as it is."""
    try:
        return datetime.fromtimestamp(value).astimezone(zone).strftime(form)
    except (TypeError, ValueError, OverflowError, OSError):
        return str(value)


def iso_time(value: Any, timespec: str = "seconds") -> str:
    """Return Unix seconds as a date in UTC for programs; a number that no calendar has as it is."""
    try:
        return datetime.fromtimestamp(value, UTC).isoformat(timespec=timespec)
    except (TypeError, ValueError, OverflowError, OSError):
        return str(value)


def parse_time(text: str, now: datetime, locale: str) -> float | None:
    """Take Unix seconds as well as a date; a date without a zone is one of the zone of `now`."""
    try:
        return parse_real(text, now, locale)
    except Misfit:
        pass
    try:
        made = datetime.fromisoformat(plain(text))
        return (made if made.tzinfo else made.replace(tzinfo=now.tzinfo)).timestamp()
    except (ValueError, OverflowError, OSError):
        raise Misfit("wrong_type", f"is {text!r:.60}. Expected: {EXPECTED}.") from None


def show_time(value: Any, reader: Reader) -> str:
    """Return Unix seconds as a date and time in the reader's zone."""
    return datetime.fromtimestamp(value, reader.zone).strftime(MINUTES)


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return when a day begins in a zone, as a moment of UTC. If clocks skip midnight, it is the first time after it.

    Python takes a time that is skipped for one of the offset before, which is the moment at which clocks are changed.
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_in(value: float, zone: tzinfo) -> date:
    """Return the day of a time in a zone."""
    return datetime.fromtimestamp(value, zone).date()


def times_between(first: date, last: date, zone: tzinfo) -> tuple[float, float]:
    """Return the first and the last microsecond of days in a zone."""
    end = midnight(last + timedelta(days=1), zone) - timedelta(microseconds=1)
    return midnight(first, zone).timestamp(), end.timestamp()


def clock_in(value: float, zone: tzinfo) -> str:
    """Return the time of day of a time in a zone: "09:00"."""
    return f"{datetime.fromtimestamp(value, zone):%H:%M}"


TIME = FieldType(
    0.0,
    check_time,
    EXPECTED,
    show_time,
    parse_time,
    days=Days(day_in, times_between, clock_in),
    is_ordered=True,
    set_by_store=True,
)
