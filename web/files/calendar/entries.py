"""An event of the calendar file (VEVENT of RFC 5545): a row that is due. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from apps.core import SCHEDULE
from apps.due.following import anchored
from apps.sentences import title_of
from apps.tables import Row, Table
from apps.types.reader import name_of, zone_here, zone_named
from apps.types.when import clock_of
from apps.words.times import MORNING
from web.files.tasks.icalendar import escaped, note_of, tags_of, uid

DURATION = "PT30M"
"""How long an event with a time is drawn: what is due has no length, and calendars show none that short."""
LAST_MINUTE = "235959"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the calendar shows of a row. `due`: a value of the type `when`; `repeat`: a rule of RFC 5545, or ""."""

    uid: str
    title: str
    due: str
    repeat: str
    zone: str
    """Name of the zone of `due`; "" where it is unknown: it is due when the calendar program's clock shows that."""
    made: float
    """When the row was made, in Unix seconds; 0 if it does not say."""
    labels: tuple[str, ...] = ()
    note: str = ""
    rings: bool = True
    """Whether the calendar program reminds of it."""


def entry_of(table: Table, row: Row, profile: str) -> Entry:
    """Return the entry of a row that is due. `profile`: name of the profile to which it belongs, or ""."""
    due = next(row[one.name] for one in table.fields if one.kind.is_when)
    repeat = next((row[one.name] for one in table.fields if one.kind.is_repeat), None)
    made = next((row[one.name] for one in table.fields if one.kind.set_by_store), 0.0)
    labels = tuple(dict.fromkeys((*([profile] if profile else []), *tags_of(table, row))))
    is_schedule = table is SCHEDULE
    return Entry(
        uid(table, row["id"]),
        title_of(row, table),
        due,
        repeat or "",
        _zone_of(row) if is_schedule else name_of(zone_here()),
        made,
        labels,
        row["prompt"] if is_schedule else note_of(table, row),
        rings=not is_schedule or row["kind"] == "prompt",  # nobody waits for what Pianola changes by itself
    )


def _zone_of(schedule: Row) -> str:
    """Return the zone of a schedule; "" if it names none that is known here: no other text may get into the file."""
    return schedule["zone"] if zone_named(schedule["zone"]) else ""


def lines_of(entry: Entry) -> list[str]:
    """Return the lines of an event."""
    given = {
        "UID": entry.uid,
        "DTSTAMP": f"{datetime.fromtimestamp(entry.made, UTC):%Y%m%dT%H%M%SZ}",
        "SUMMARY": escaped(entry.title),
        "DESCRIPTION": escaped(entry.note),
        "CATEGORIES": ",".join(map(escaped, entry.labels)),
        "RRULE": rule_of(entry) if entry.repeat else "",
        "TRANSP": "TRANSPARENT",  # it keeps no time free
    }
    lines = (f"{name}:{value}" for name, value in given.items() if value)
    return ["BEGIN:VEVENT", *lines, *_time(entry), *_alarm(entry), "END:VEVENT"]


def _time(entry: Entry) -> Iterator[str]:
    plain = entry.due.replace("-", "").replace(":", "")
    if not clock_of(entry.due):
        yield f"DTSTART;VALUE=DATE:{plain}"
        return
    zone = f";TZID={entry.zone}" if entry.zone else ""
    yield f"DTSTART{zone}:{plain}00"
    yield f"DURATION:{DURATION}"


def _alarm(entry: Entry) -> Iterator[str]:
    """Yield an alarm at the moment at which the page reminds of it: of a whole day, in the morning."""
    if not entry.rings:
        return
    after = "PT0M" if clock_of(entry.due) else f"PT{MORNING}M"
    yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escaped(entry.title)}", f"TRIGGER:{after}")
    yield "END:VALARM"


def rule_of(entry: Entry) -> str:
    """Return how often an entry comes again, as a calendar program counts it."""
    parts = anchored(entry.repeat, entry.due)
    if "UNTIL" in parts and clock_of(entry.due):
        parts["UNTIL"] = _last_moment(parts["UNTIL"], zone_named(entry.zone) if entry.zone else None)
    return ";".join(f"{name}={part}" for name, part in parts.items())


def _last_moment(day: str, zone: tzinfo | None) -> str:
    """Return the end of a day as the standard wants it: in UTC where the zone is known."""
    if zone is None:
        return f"{day}T{LAST_MINUTE}"
    try:
        end = datetime.strptime(f"{day}{LAST_MINUTE}", "%Y%m%d%H%M%S").replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):  # no such day, or the last one that there is
        return f"{day}T{LAST_MINUTE}Z"
    return f"{end:%Y%m%dT%H%M%SZ}"
