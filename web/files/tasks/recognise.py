"""Which program a file of tasks comes from, by what is in it."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from apps.tables import Table
from apps.types.reader import HERE
from web.files.sheets import BYTE_ORDER_MARK, Record, Sheet, open_csv, text_lines
from web.files.tasks import google, icalendar, microsoft, ticktick, todoist
from web.files.tasks.task import Task, records_of

LINES_BEFORE_HEADER = 20
"""TickTick writes some lines about the file before the names of the columns."""

JSON_MARKS = ('"tasks#taskLists"', '"displayName"', '"importance"')
"""One of these stands near the beginning of a JSON file that is looked at: it is read as a whole."""
LARGEST_JSON_BYTES = 16 * 1024 * 1024

CsvTasks = Callable[[Iterator[Record], datetime], Iterable[Task]]
BY_COLUMNS: dict[str, tuple[frozenset[str], CsvTasks]] = {
    "Todoist": (todoist.COLUMNS, todoist.tasks),
    "TickTick": (ticktick.COLUMNS, lambda records, _now: ticktick.tasks(records)),
    "Outlook": (microsoft.COLUMNS, microsoft.csv_tasks),
}
"""By program: the columns by which its CSV file is known, and what reads it."""
BY_JSON: dict[str, tuple[Callable[[Any], bool], Callable[[Any], Iterable[Task]]]] = {
    "Google Tasks": (google.is_google, google.tasks),
    "Microsoft To Do": (microsoft.is_microsoft, microsoft.tasks),
}


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file of tasks. `program`: where it comes from."""

    program: str
    tasks: Iterable[Task]

    def sheet(self, table: Table) -> Sheet:
        """Return it as a sheet for a table."""
        return Sheet((), records_of(self.tasks, table), typed=True)


def takes_tasks(table: Table) -> bool:
    """Return whether tasks of other programs fit into a table: it has a title, a box, and a due date."""
    return bool(table.quick_entry and table.due_field and table.switches)


def recognised(path: Path, start: str, now: datetime | None = None) -> Recognised | None:
    """Return the tasks of a file; None for a file of another kind. `start`: its first characters."""
    if start.upper().startswith(icalendar.BEGIN):
        return Recognised("iCalendar", icalendar.tasks(text_lines(path)))
    if start[:1] in "[{":
        return _json(path, start)
    return _csv(path, now or datetime.now(HERE.zone))


def _json(path: Path, start: str) -> Recognised | None:
    if not any(mark in start for mark in JSON_MARKS) or path.stat().st_size > LARGEST_JSON_BYTES:
        return None
    try:
        said = json.loads(path.read_bytes().removeprefix(BYTE_ORDER_MARK))
    except (ValueError, RecursionError):
        return None  # what reads sheets says what is wrong
    for program, (fits, read) in BY_JSON.items():
        if fits(said):
            return Recognised(program, read(said))
    return None


def _csv(path: Path, now: datetime) -> Recognised | None:
    for skipped, line in enumerate(islice(text_lines(path), LINES_BEFORE_HEADER)):
        columns = {cell.strip().strip('"').casefold() for cell in line.split(_delimiter(line))}
        for program, (known, read) in BY_COLUMNS.items():
            if known <= columns:
                sheet = open_csv(path, sorted(known), skip=skipped)
                return Recognised(program, read(sheet.records, now))
    return None


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)
