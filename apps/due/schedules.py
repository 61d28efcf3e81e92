"""When a schedule is due: its moment and zone are checked, the next time is counted. Pure.

A schedule names a day and a time on the clocks of its zone. When these are put forward over that time, it is due as
much later; of a time that comes twice, the first one counts (RFC 5545, section 3.3.5).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from apps.due.following import Following, first, following
from apps.tables import BadValue, Row
from apps.types.reader import name_of, zone_here, zone_named
from apps.types.when import clock_of, local

DEFAULT_CLOCK = "09:00"
"""The time of a schedule that names only a day."""
MOST_YEARS = 100
"""How far ahead a schedule may be."""
DAY = timedelta(days=1)
COUNTED_FROM = ("at", "repeat", "zone", "state")
"""Fields from which the next time is counted."""


def planned(row: Row, now: datetime) -> Row:
    """Return when a schedule that a user wrote is due, as values of its row; raise `BadValue` if it never is.

    `row`: with all fields. `now`: with a zone.
    """
    zone = zone_of(row)
    at = _with_clock(row["at"] or _first_day(row["repeat"], now.astimezone(zone)))
    if local(at).year > now.year + MOST_YEARS:
        raise _bad(f"lies in the year {local(at).year}. Expected one of the next {MOST_YEARS} years.")
    values = {"at": at, "zone": row["zone"] or name_of(zone)}
    if row["state"] != "on":
        return values | {"next": None}
    if due_moment(at, zone) > now:
        return values | {"next": due_moment(at, zone).timestamp()}
    if not row["repeat"]:
        raise _bad(f"is {at.replace('T', ' ')}, which has passed. Expected a time that is still to come.")
    coming = advanced({**row, "at": at}, now)
    if coming["next"] is None:
        raise BadValue("bad_value", "`repeat` has ended: it never comes again.", field="repeat")
    return values | coming


def advanced(row: Row, now: datetime) -> Row:
    """Return the values of a schedule that was due: its next time behind `now`, or that it is over."""
    zone = zone_of(row)
    for coming in _coming(row, now.astimezone(zone).replace(tzinfo=None) - DAY):
        moment = due_moment(coming.due, zone)
        if moment > now:
            return {"at": coming.due, "repeat": coming.rule, "next": moment.timestamp(), "state": "on"}
    return {"next": None, "state": "over"}


def next_times(row: Row, number: int) -> list[datetime]:
    """Return the next moments at which a schedule is due, in its zone; none for one that is off or over."""
    if row["next"] is None or row["state"] != "on":
        return []
    zone = zone_of(row)
    moments = [datetime.fromtimestamp(row["next"], zone)]
    for coming in _coming(row, local(row["at"])):
        if len(moments) == number:
            break
        moments.append(due_moment(coming.due, zone).astimezone(zone))
    return moments


def due_moment(at: str, zone: tzinfo) -> datetime:
    """Return the instant, in UTC, at which the clocks of a zone show a day and time for the first time."""
    return local(at).replace(tzinfo=zone).astimezone(UTC)


def zone_of(row: Row) -> tzinfo:
    """Return the zone of a schedule, that of this machine if it names none; raise `BadValue` for one that is none."""
    name = row["zone"]
    zone = zone_named(name) if name else zone_here()
    if zone is None:
        expected = "Expected a name like Europe/Berlin"
        raise BadValue("bad_value", f"`zone` is {name!r:.60}, which is no time zone. {expected}.", field="zone")
    return zone


def _coming(row: Row, after: datetime) -> Iterator[Following]:
    """Yield each next time of a schedule. `after`: on the clocks of its zone; earlier ones may be left out."""
    rule, due = row["repeat"], row["at"]
    while rule and (coming := following(rule, due, max(after, local(due)))):
        yield coming
        rule, due = coming.rule, coming.due


def _first_day(rule: str | None, now: datetime) -> str:
    """Return the first day of a repeat whose default time is still to come."""
    if not rule:
        raise BadValue("missing_field", "A schedule needs a day and time, or a repeat.", field="at")
    has_passed = f"{now:%H:%M}" >= DEFAULT_CLOCK
    day = first(rule, now + DAY if has_passed else now)
    if day is None:
        raise BadValue("bad_value", "`repeat` has ended: it never comes.", field="repeat")
    return day


def _with_clock(at: str) -> str:
    return at if clock_of(at) else f"{at}T{DEFAULT_CLOCK}"


def _bad(problem: str) -> BadValue:
    return BadValue("bad_value", f"`time` {problem}", field="at")
