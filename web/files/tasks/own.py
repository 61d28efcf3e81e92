"""Files that Pianola has exported: rows under other rows follow them, and ids of the file lead to nothing else."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from apps.tables import Field, Table
from web.files.sheets import Record, Sheet
from web.files.tasks.task import Task, families

FieldOf = Callable[[str], Field | None]
"""Returns the field of a column."""


def grouped(sheet: Sheet, table: Table, field_of: FieldOf) -> Sheet:
    """Return a sheet in which the parts of a row follow it, where the file says by ids which these are."""
    nested = [name for name in sheet.columns if (one := field_of(name)) and one.name == table.nested]
    if not table.nested or (not sheet.typed and not nested):
        return sheet
    return replace(sheet, records=iter(_in_families(list(sheet.records), table, field_of)))


def _in_families(records: list[Record], table: Table, field_of: FieldOf) -> list[Record]:
    tasks = families(_task(place, record, table, field_of) for place, record in enumerate(records))
    return [_without_link(records[task.line], table, field_of) if task.part else records[task.line] for task in tasks]


def _task(place: int, record: Record, table: Table, field_of: FieldOf) -> Task:
    key = next((str(value) for name, value in record.values.items() if name.strip().casefold() == "id"), "")
    parent = next((value for name, value in record.values.items() if _is_nested(name, table, field_of)), "")
    return Task(place, "", key=key.strip(), parent=_first(parent))


def _is_nested(column: str, table: Table, field_of: FieldOf) -> bool:
    one = field_of(column)
    return one is not None and one.name == table.nested


def _first(value: Any) -> str:
    ids: Iterable[Any] = value if type(value) is list else str(value or "").split(",")
    return next((str(one).strip().removeprefix("#") for one in ids), "")


def _without_link(record: Record, table: Table, field_of: FieldOf) -> Record:
    values = {name: value for name, value in record.values.items() if not _is_nested(name, table, field_of)}
    return replace(record, values=values, part=True)
