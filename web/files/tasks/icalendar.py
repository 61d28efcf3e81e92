"""Todos of an iCalendar file (RFC 5545), read and written: the component VTODO."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from apps.tables import Row, Table
from apps.types.reader import HERE, zone_named
from apps.types.when import at_clock
from web.files.sheets import BadSheet
from web.files.tasks.task import Task, families

BEGIN = "BEGIN:VCALENDAR"
ESCAPED = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}
LONGEST_LINE_BYTES = 75
"""Of a line of the file; a longer one is folded (RFC 5545, section 3.1)."""
PROPERTY = re.compile(r"([A-Za-z0-9-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)", re.DOTALL)
LINE_END = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?")


@dataclass(slots=True)
class Component:
    """A todo in a file: its properties by name, each with its parameters and its value. `line`: of its beginning."""

    line: int
    properties: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return the value of a property as text; "" if it is not there."""
        found = self.properties.get(name, [])
        return unescaped(found[0][1]) if found else ""


# --- read ---


def tasks(lines: Iterable[str]) -> list[Task]:
    """Return the todos of a file; raises `BadSheet` if it has none."""
    found = [_task(one) for one in _components(lines)]
    if not found:
        raise BadSheet("The calendar has no todo (VTODO). Expected at least one; events are not read.")
    return families(found)


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield each property with the number of its first line."""
    number, waiting = 0, ""
    for place, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        if text[:1] in (" ", "\t"):
            waiting += text[1:]
            continue
        if waiting:
            yield number, waiting
        number, waiting = place, text
    if waiting:
        yield number, waiting


def _components(lines: Iterable[str]) -> Iterator[Component]:
    made: Component | None = None
    inner = ""
    for number, text in _unfolded(lines):
        found = PROPERTY.fullmatch(text)
        name, value = (found[1].upper(), found[3]) if found else ("", "")
        if name == "BEGIN" and value.strip().upper() == "VTODO":
            made = Component(number)
        elif name == "END" and value.strip().upper() == "VTODO" and made:
            yield made
            made = None
        elif made and name in ("BEGIN", "END"):
            inner = value if name == "BEGIN" else ""  # an alarm
        elif made and found and not inner:
            made.properties.setdefault(name, []).append((found[2], value))


def _task(one: Component) -> Task:
    categories = (part for _, value in one.properties.get("CATEGORIES", []) for part in _split(value))
    parent = next((value for rest, value in one.properties.get("RELATED-TO", []) if _is_parent(rest)), "")
    return Task(
        one.line,
        one.text("SUMMARY"),
        one.text("STATUS").upper() == "COMPLETED"
        or bool(one.text("COMPLETED"))
        or one.text("PERCENT-COMPLETE") == "100",
        _due(one),
        one.text("RRULE"),
        tuple(categories),
        one.text("DESCRIPTION"),
        one.text("UID"),
        unescaped(parent),
    )


def _is_parent(parameters: str) -> bool:
    return "RELTYPE" not in parameters.upper() or "RELTYPE=PARENT" in parameters.upper()


def _split(value: str) -> list[str]:
    """Return the parts of a list: commas that are escaped belong to a part."""
    return [unescaped(part) for part in re.split(r"(?<!\\),", value)]


def _due(one: Component) -> str:
    parameters, value = next(iter(one.properties.get("DUE") or one.properties.get("DTSTART") or [("", "")]))
    found = DATE.fullmatch(value.strip())
    if not found:
        return ""
    day = f"{found[1]}-{found[2]}-{found[3]}"
    if found[4] is None:
        return day
    named = re.search(r"TZID=\"?([^;\":]+)", parameters)
    zone = UTC if found[7] else zone_named(named[1]) if named else None
    try:
        moment = datetime.fromisoformat(f"{day}T{found[4]}:{found[5]}")
    except ValueError:
        return f"{day}T{found[4]}:{found[5]}"  # the check of the field says what is wrong
    return at_clock(moment.replace(tzinfo=zone), HERE.zone) if zone else f"{moment:%Y-%m-%dT%H:%M}"


def unescaped(value: str) -> str:
    """Return a text of the file as it was before."""
    return re.sub(r"\\[nN,;\\]", lambda found: ESCAPED[found[0]], value)


# --- write ---


HEAD = (BEGIN, "VERSION:2.0", "PRODID:-//Pianola//Todo//EN", "CALSCALE:GREGORIAN")
FOOT = ("END:VCALENDAR",)


def written(lines: Iterable[str]) -> bytes:
    """Return lines as the file has them: folded, with the line ends of the standard."""
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _folded(line: str) -> Iterator[str]:
    """Yield the pieces of a line, none longer than the standard allows; no character is cut."""
    piece, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LONGEST_LINE_BYTES:
            yield piece
            piece, size = " ", 1
        piece += letter
        size += width
    yield piece


def vtodo(table: Table, row: Row, now: float) -> list[str]:
    """Return the lines of a row. `now`: when the file is made, in Unix seconds."""
    due, repeat = table.due_field, table.repeat_field
    done = bool(table.switches and row[table.switches[0]])
    parent = row[table.nested] if table.nested else None
    lines = {
        "UID": uid(table, row["id"]),
        "DTSTAMP": f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}",
        "SUMMARY": escaped(str(row[table.title_field.name])),
        "STATUS": "COMPLETED" if done else "NEEDS-ACTION",
        "RRULE": row[repeat.name] if repeat and row[repeat.name] else "",
        "CATEGORIES": ",".join(map(escaped, tags_of(table, row))),
        "DESCRIPTION": escaped(note_of(table, row)),
        "RELATED-TO": uid(table, parent[0]) if parent else "",
    }
    value = row[due.name] if due else None
    names = ("DTSTART", "DUE") if lines["RRULE"] else ("DUE",)  # a rule counts from the start
    dated = [_due_line(name, value) for name in names] if value else []
    return ["BEGIN:VTODO", *(f"{name}:{value}" for name, value in lines.items() if value), *dated, "END:VTODO"]


def tags_of(table: Table, row: Row) -> list[str]:
    """Return the tags of a row."""
    return next((row[one.name] for one in table.fields if one.kind.is_tags and row[one.name]), [])


def note_of(table: Table, row: Row) -> str:
    """Return the note of a row; "" if it has none."""
    return next((str(row[one.name]) for one in table.fields if one.name == "note" and row[one.name]), "")


def uid(table: Table, key: int | str) -> str:
    """Return the id of a row in the file."""
    return f"{table.name}-{key}@pianola"


def _due_line(name: str, value: str) -> str:
    plain = value.replace("-", "").replace(":", "")
    return f"{name}:{plain}00" if "T" in value else f"{name};VALUE=DATE:{plain}"


def escaped(text: str) -> str:
    """Return a text as the file has it: in one line, without characters that some programs take for its end."""
    quoted = re.sub(r"[\\;,]", lambda found: f"\\{found[0]}", text)
    return CONTROL.sub("", LINE_END.sub(r"\\n", quoted))


def lines_of(table: Table, rows: Sequence[Row], now: float) -> Iterator[str]:
    """Yield the lines of rows."""
    for row in rows:
        yield from vtodo(table, row, now)
