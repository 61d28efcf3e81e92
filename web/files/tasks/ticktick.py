"""The backup of TickTick: a CSV file with some lines before its header."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from web.files.sheets import Record
from web.files.tasks.task import Task, as_tag, day_in_zone, families, local_when

COLUMNS = frozenset(("list name", "title", "status", "is all day"))
TICKS = {"▫": False, "▪": True}
"""What stands before the items of a check list."""


def tasks(records: Iterator[Record]) -> list[Task]:
    """Return the tasks; lists become tags, the items of a check list parts."""
    made: list[Task] = []
    for record in records:
        cells = {name.strip().casefold(): str(value) for name, value in record.values.items()}
        made += _task(record.line, cells)
    return families(made)


def _task(line: int, cells: Mapping[str, str]) -> Iterator[Task]:
    is_list = cells.get("is check list", "").strip().upper() == "Y"
    content = cells.get("content", "").replace("\r\n", "\n").replace("\r", "\n")
    items = [one for one in content.split("\n") if one[:1] in TICKS] if is_list else []
    note = "\n".join(one for one in content.split("\n") if one not in items)
    key = cells.get("taskid", "").strip() or f"line {line}"
    repeat = cells.get("repeat", "").strip().removeprefix("ERULE:")
    tags = (*cells.get("tags", "").split(","), _list_name(cells))
    status = cells.get("status", "0").strip()
    task = Task(line, cells.get("title", ""), status in ("1", "2"), _due(cells), repeat, note=note, key=key)
    yield replace(task, tags=tuple(filter(None, map(as_tag, tags))), parent=cells.get("parentid", "").strip())
    for one in items:
        yield Task(line, one[1:].strip(), TICKS[one[0]], parent=key)


def _list_name(cells: Mapping[str, str]) -> str:
    name = cells.get("list name", "").strip()
    return "" if name.casefold() == "inbox" else name


def _due(cells: Mapping[str, str]) -> str:
    said = (cells.get("due date") or cells.get("start date") or "").strip()
    whole = cells.get("is all day", "").strip().casefold() == "true"
    return (day_in_zone(said) if whole else local_when(said)) if said else ""
