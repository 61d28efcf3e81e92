"""Change rows for one order, and record each change in the history."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from apps.core import APP
from apps.tables import BadValue, Row
from bus.limits import MAX_CHANGED_ROWS
from store.tables.history import Change, History, Reason
from store.tables.reading import bytes_of
from store.tables.rows import Rows
from store.tables.unique import refuse_twice

MAX_ROW_BYTES = 900 * 1024
"""A longer row would not fit into a message of the bus together with its other fields."""

Verb = Literal["insert", "update", "delete", "erase"]

PLACE = ("id", "profile", "conversation")
"""Fields that the fact of an erased row still tells, so that others know where it was. They hold no words."""


class Recorder:
    """The only way to change a row, so that every change is in the history."""

    def __init__(self, history: History, reason: Reason, on_app: Callable[[Change], None] | None = None) -> None:
        """Make one for each order. `on_app`: called with each change of the table `app`; it may raise `BadValue`."""
        self.changes: list[Change] = []
        self._history = history
        self._reason = reason
        self._on_app = on_app

    def insert(self, rows: Rows, values: Row, key: int | str | None = None, undoes: int = 0) -> Row:
        """Insert a row of checked values, with the given id or a new one; return it."""
        refuse_twice(rows, values, values)
        row = rows.insert(values, key)
        self._record(rows, "insert", {}, row, undoes)
        return row

    def update(self, rows: Rows, row: Row, values: Row, undoes: int = 0) -> None:
        """Set checked values in an existing row. Equal values are not a change."""
        different = {name: value for name, value in values.items() if row[name] != value}
        if different:
            refuse_twice(rows, {**row, **different}, different)
            rows.update(row["id"], different)
            self._record(rows, "update", row, {**row, **different}, undoes)

    def delete(self, rows: Rows, row: Row, undoes: int = 0) -> None:
        """Delete an existing row. The history keeps the values of fields that are not declared any more, too."""
        parked = rows.parked_values(row["id"])
        rows.delete(row["id"])
        self._record(rows, "delete", row, {}, undoes, parked=parked)

    def erase(self, rows: Rows, key: int | str, row: Row | None) -> None:
        """Delete a row for good; `row` is None when it was deleted before. No word of it is recorded or told."""
        if row is not None:
            rows.delete(key)
        place = {name: row[name] for name in PLACE if name in row} if row else {"id": key}
        self._record(rows, "erase", place, {}, 0)

    def redact(self, rows: Rows, row: Row, values: Row) -> None:
        """Set values in a row in which words stood that were deleted for good. The old values are told to nobody."""
        rows.update(row["id"], values)
        redacted = {**row, **values}
        self._record(rows, "update", redacted, redacted, 0)

    def _record(
        self, rows: Rows, verb: Verb, before: Row, after: Row, undoes: int, *, parked: Row | None = None
    ) -> None:
        key = (after or before)["id"]
        if len(self.changes) == MAX_CHANGED_ROWS:
            raise BadValue("bad_value", f"One order can change at most {MAX_CHANGED_ROWS:,} rows. Divide it.")
        if (size := bytes_of(after)) > MAX_ROW_BYTES:
            limit = f"at most {MAX_ROW_BYTES:,} bytes fit"
            raise BadValue("too_long", f"A row of `{rows.table.name}` would take {size:,} bytes, {limit}. Shorten it.")
        change = Change(self._history.revision + 1, rows.table.name, verb, key, before, after, undoes)
        kept = replace(change, before={**before, **parked}) if parked else change
        self._history.record(kept, self._reason, with_values=rows.table.remembered)
        self.changes.append(change)
        if self._on_app and change.table == APP.name:
            self._on_app(change)
