"""The CSV files of Todoist: one for each project, as its export and its templates have them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from apps.types.moment import instant
from apps.types.reader import HERE
from apps.types.when import at_clock
from apps.words import find
from web.files.sheets import Record
from web.files.tasks.task import Task, with_note

COLUMNS = frozenset(("type", "content", "priority", "indent"))
"""Columns by which the file is known."""
LABEL = re.compile(r"(?<!\S)@(\S+)")
LINK = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)")


def tasks(records: Iterator[Record], now: datetime | None = None) -> Iterator[Task]:
    """Return the tasks; comments go into the notes, sections become tags. `now`: for words like "tomorrow"."""
    now = now or datetime.now(HERE.zone)
    waiting: Task | None = None
    section = ""
    for record in records:
        cells = {name.strip().casefold(): str(value) for name, value in record.values.items()}
        kind = cells.get("type", "").strip().casefold()
        if kind == "section":
            section = cells.get("content", "")
        elif kind == "note" and waiting:
            waiting = with_note(waiting, cells.get("content", ""))
        elif kind == "task":
            if waiting:
                yield waiting
            waiting = _task(record.line, cells, section, now)
    if waiting:
        yield waiting


def _task(line: int, cells: Mapping[str, str], section: str, now: datetime) -> Task:
    content = LINK.sub(r"\1 \2", cells.get("content", ""))
    labels = tuple(LABEL.findall(content))
    title = " ".join(LABEL.sub("", content).split()).removeprefix("* ")
    tags = (*labels, section) if section else labels
    task = Task(line, title or content, tags=tags, note=cells.get("description", ""))
    indent = cells.get("indent", "1").strip()
    return _dated(replace(task, part=indent.isdecimal() and int(indent) > 1), cells, now)


def _dated(task: Task, cells: Mapping[str, str], now: datetime) -> Task:
    """Return a task with the date that its words mean; words that are not understood stand in its note."""
    said = (cells.get("date") or cells.get("deadline") or "").strip()
    if not said:
        return task
    found = find(said.replace("every!", "every"), now, cells.get("date_lang", ""))
    due = found.date.value if found.date else at_clock(instant(found.moment.value), HERE.zone) if found.moment else ""
    repeat = found.repeat.value if found.repeat else ""
    return replace(task, due=due, repeat=repeat) if due or repeat else with_note(task, f"Date: {said}")
