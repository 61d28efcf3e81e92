"""What the words for repeats mean: a rule of RFC 5545, as `dateutil.rrule.rrulestr` reads it."""

from collections.abc import Callable, Sequence
from datetime import datetime, time
from itertools import islice

from apps.words.moments import at_time
from apps.words.patterns import Values

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
MOST = 999
"""Of days, weeks, months or years between two times."""
SHORTEST_MONTH = 28
FIFTH = 5


def rule_meant(meaning: str, values: Values) -> str | None:
    """Return the rule of a pattern; None if there is none: the 40th of each month."""
    name, _, given = meaning.partition(" ")
    try:
        return MEANINGS[name](given, values)
    except ValueError:
        return None


def every(period: str, number: int = 1) -> str:
    """Return the rule "every 3 months"."""
    if not 1 <= number <= MOST:
        raise ValueError(f"every {number} {period}s is no repeat")
    return f"FREQ={FREQUENCIES[period]}" + (f";INTERVAL={number}" if number > 1 else "")


def on(weekdays: Sequence[int], number: int = 1) -> str:
    """Return the rule "every Monday and Friday", or "every second Monday"."""
    return f"{every('week', number)};BYDAY={','.join(DAYS[one] for one in weekdays)}"


def month_day(day: int) -> str:
    """Return the rule "the 3rd of every month". The 31st becomes the last day of a shorter month."""
    if not 1 <= day <= 31:
        raise ValueError(f"no month has a day {day}")
    if day <= SHORTEST_MONTH:
        return f"FREQ=MONTHLY;BYMONTHDAY={day}"
    days = ",".join(map(str, range(SHORTEST_MONTH, day + 1)))
    return f"FREQ=MONTHLY;BYMONTHDAY={days};BYSETPOS=-1"


def month_weekday(which: int, weekday: int) -> str:
    """Return the rule "every first Monday of the month"; `which` -1: the last."""
    if which > FIFTH:
        raise ValueError(f"no month has a weekday {which} times")
    return f"FREQ=MONTHLY;BYDAY={which}{DAYS[weekday]}"


def year_day(day: int, month: int) -> str:
    """Return the rule "every 24 December"."""
    return f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}"


def first_time(rule: str, minutes: int, now: datetime) -> datetime | None:
    """Return the first moment of a rule after `now`, at so many minutes after midnight."""
    from dateutil.rrule import rrulestr  # noqa: PLC0415 (takes 20 ms, and few lines hold a repeat)

    today = datetime.combine(now.date(), time())
    moments = (at_time(day.date(), minutes, now) for day in islice(rrulestr(rule, dtstart=today), 2))
    return next((one for one in moments if one > now), None)


MEANINGS: dict[str, Callable[[str, Values], str]] = {
    "every": lambda given, v: every(given or v["period"]),
    "every_number": lambda given, v: every(v["period"], int(given or v.get("number") or v["ordinal"])),
    "weekdays": lambda _, v: on(v.get("weekdays") or v["plurals"]),
    "nth_weeks": lambda given, v: on(_weekdays(v), int(given or v.get("ordinal") or v["number"])),
    "workdays": lambda *_: on(range(5)),
    "weekends": lambda *_: on((5, 6)),
    "month_day": lambda _, v: month_day(v.get("ordinal") or v["day"]),
    "month_weekday": lambda given, v: month_weekday(int(given or v["ordinal"]), v["weekday"]),
    "month_end": lambda *_: "FREQ=MONTHLY;BYMONTHDAY=-1",
    "year_day": lambda _, v: year_day(v["day"], v["month"]),
}


def _weekdays(values: Values) -> Sequence[int]:
    return [values["weekday"]] if "weekday" in values else values["plurals"]
