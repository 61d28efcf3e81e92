"""A task of another program, and the record that it becomes. Tasks under another one follow it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from apps.tables import Row, Table
from apps.types.kinds import Misfit, Rules
from apps.types.reader import HERE
from apps.types.repeat import check_repeat
from apps.types.tags import LONGEST_TAG
from apps.types.when import at_clock
from web.files.sheets import Record

MIDNIGHT = "T00:00"


@dataclass(frozen=True, slots=True)
class Task:
    """What a file says of one task. `line`: where it begins in the file."""

    line: int
    title: str
    done: bool = False
    due: str = ""
    """A value of the type `when`."""
    repeat: str = ""
    """A rule of RFC 5545; one that is not understood goes into the note."""
    tags: tuple[str, ...] = ()
    note: str = ""
    key: str = ""
    """Its id in the file."""
    parent: str = ""
    """The id of the task that it is a part of."""
    part: bool = False
    """It is a part of the last task before it that is none."""


def with_note(task: Task, more: str) -> Task:
    """Return a task with one more paragraph in its note."""
    return replace(task, note=f"{task.note}\n\n{more}".strip()) if more.strip() else task


def records_of(tasks: Iterable[Task], table: Table) -> Iterator[Record]:
    """Return the records of tasks, for a table that has such fields."""
    return (Record(task.line, _values(_with_rule(task), table), part=task.part) for task in tasks)


def _with_rule(task: Task) -> Task:
    """Return a task whose repeat can be stored: the words of another one stand in its note."""
    try:
        return replace(task, repeat=check_repeat(task.repeat, Rules()) or "")
    except Misfit:
        return with_note(replace(task, repeat=""), f"Repeats: {task.repeat}")


def _values(task: Task, table: Table) -> Row:
    note = next((one.name for one in table.fields if not one.kind.is_text and one.kind.is_searched), "")
    note = next((one.name for one in table.fields if one.name == "note"), note)
    tags = next((one.name for one in table.fields if one.kind.is_tags), "")
    due, repeat = table.due_field, table.repeat_field
    values: Row = {table.title_field.name: " ".join(task.title.split())}
    given = {
        table.switches[0] if table.switches else "": task.done,
        due.name if due else "": task.due or None,
        repeat.name if repeat else "": task.repeat or None,
        tags: [tag for one in task.tags if (tag := as_tag(one))] or None,
        note: task.note.strip() or None,
    }
    return values | {name: value for name, value in given.items() if name and value is not None}


def as_tag(text: str) -> str:
    """Return a text as a tag."""
    return " ".join(text.replace(",", " ").split()).removeprefix("#")[:LONGEST_TAG].strip()


def families(tasks: Iterable[Task]) -> list[Task]:
    """Return tasks in an order in which parts follow their task. Parts of parts become parts of the outermost task."""
    listed = list(tasks)
    known = {task.key: task for task in listed if task.key}
    parts: dict[str, list[Task]] = {}
    alone: list[Task] = []
    for task in listed:
        top = _outermost(task, known)
        if top is task:
            alone.append(task)
        else:
            parts.setdefault(top.key, []).append(replace(task, part=True))
    return [one for task in alone for one in (task, *(parts.get(task.key, ()) if task.key else ()))]


def _outermost(task: Task, known: dict[str, Task]) -> Task:
    """Return the task under which a task stands, on whatever way; itself if it stands alone, or in a circle."""
    passed: list[Task] = []
    above = task
    while above.parent in known:
        above = known[above.parent]
        if above in passed or above is task:
            return task
        passed.append(above)
    return above


def local_when(text: str, *, whole_day: bool = False) -> str:
    """Return a date of ISO 8601 as a value of the type `when`: in this machine's zone, if it names one.

    `whole_day`: its time says nothing. "" for a text that is no date.
    """
    if whole_day:
        return text[:10]
    try:
        made = datetime.fromisoformat(_with_colon(text))
    except ValueError:
        return ""
    if len(text) <= len("2026-11-28"):
        return made.date().isoformat()
    return at_clock(made, HERE.zone) if made.tzinfo else f"{made:%Y-%m-%dT%H:%M}"


def _with_colon(text: str) -> str:
    """Return a date that Python reads: seven digits of a second become six."""
    head, point, rest = text.partition(".")
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{head}.{rest[: min(digits, 6)]:0<6}{rest[digits:]}" if point else text


def day_in_zone(text: str) -> str:
    """Return the day of a moment that stands for a whole day: midnight of the sender's zone, written in another one."""
    try:
        made = datetime.fromisoformat(_with_colon(text))
    except ValueError:
        return ""
    return (made.astimezone(HERE.zone) + timedelta(hours=2) if made.tzinfo else made).date().isoformat()
