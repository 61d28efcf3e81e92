"""When something that repeats is due next."""

from dataclasses import dataclass
from datetime import date, datetime, time

from apps.types.kinds import Rules
from apps.types.repeat import check_repeat, parts_of
from apps.types.when import clock_of, local
from apps.words.repeats import SHORTEST_MONTH, month_day

LEAP_DAY = (2, 29)


@dataclass(frozen=True, slots=True)
class Following:
    """The next time: when it is due, and the rule from then on."""

    due: str
    rule: str


def following(rule: str, due: str | None, now: datetime) -> Following | None:
    """Return the next time behind `due` that is not in the past; None after the last one.

    Without a due date it counts from today. `now`: without a zone.
    """
    from dateutil.rrule import rrulestr  # noqa: PLC0415 (takes 20 ms, and few rows repeat)

    start = local(due or now.date().isoformat())
    parts = _anchored(parts_of(rule), start)
    count, until = int(parts.pop("COUNT", "0")), parts.pop("UNTIL", "")
    passed = 0
    for moment in rrulestr(_written(parts), dtstart=start):
        passed += moment > start
        if (until and f"{moment:%Y%m%d}" > until) or (count and passed >= count):
            return None
        if moment > start and not _is_past(moment, now, has_time=bool(due and clock_of(due))):
            ends = {"COUNT": str(count - passed)} if count else {"UNTIL": until} if until else {}
            return Following(_value(moment, due), _checked(_written({**parts, **ends})))
    return None


def first(rule: str, now: datetime) -> str | None:
    """Return the first day of a rule, today included; None if it has none any more."""
    from dateutil.rrule import rrulestr  # noqa: PLC0415 (as above)

    parts = parts_of(rule)
    until = parts.pop("UNTIL", "")
    found = next(iter(rrulestr(_written(parts), dtstart=datetime.combine(now.date(), time()))), None)
    return found.date().isoformat() if found and (not until or f"{found:%Y%m%d}" <= until) else None


def anchored(rule: str, due: str) -> dict[str, str]:
    """Return the parts of a rule as other programs count it from a due date: the last days of a month stay the last."""
    return _anchored(parts_of(rule), local(due))


def _is_past(moment: datetime, now: datetime, *, has_time: bool) -> bool:
    return moment <= now if has_time else moment.date() < now.date()


def _value(moment: datetime, due: str | None) -> str:
    day = date.isoformat(moment.date())
    return f"{day}T{moment:%H:%M}" if due and clock_of(due) else day


def _anchored(parts: dict[str, str], start: datetime) -> dict[str, str]:
    """Return a rule in which the last days of a month stay the last: from 31 January to 28 February to 31 March."""
    if any(name.startswith("BY") for name in parts):
        return parts
    if parts["FREQ"] == "MONTHLY" and start.day > SHORTEST_MONTH:
        return {**parts, **parts_of(month_day(start.day))}
    if parts["FREQ"] == "YEARLY" and (start.month, start.day) == LEAP_DAY:
        return {**parts, "BYMONTH": "2", "BYMONTHDAY": "28,29", "BYSETPOS": "-1"}
    return parts


def _written(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={part}" for name, part in parts.items())


def _checked(rule: str) -> str:
    return check_repeat(rule, Rules()) or ""
