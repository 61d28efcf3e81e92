"""Carry out one order: find its verb and table, and turn what goes wrong into an answer."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from apps.tables import BadValue, Row, Table
from bus.messages import StoreOrder
from store import reading, writing
from store.history import Answered, Change, History, Reason
from store.recorder import Recorder
from store.rows import Rows
from store.undo import undo

READS: dict[str, Callable[[StoreOrder, Rows], reading.Found]] = {
    "list": reading.list_rows,
    "get": reading.get_row,
}
WRITES: dict[str, Callable[[StoreOrder, Rows, Recorder], None]] = {
    "insert": writing.insert,
    "update": writing.update,
    "delete": writing.delete,
    "toggle": writing.toggle,
    "sort": writing.sort,
}


@dataclass(slots=True)
class Outcome:
    """What came of an order: rows for the asker, changes for everybody, or an error."""

    rows: list[Row] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    """New ones, which nobody has heard of."""
    revisions: list[int] = field(default_factory=list)
    """Of its changes, new or made when the order came first."""
    more: bool = False
    revision: int = 0
    """Of the store when the rows were read: facts up to this one are contained in them."""
    error: Row = field(default_factory=dict)


class Orders:
    """Carries out orders inside whatever transaction is open."""

    def __init__(self, connection: sqlite3.Connection, tables: dict[str, Table], history: History) -> None:
        """`tables`: by name, all of them present in the file."""
        self._connection = connection
        self._tables = tables
        self._history = history
        self._rows = {name: Rows(connection, table) for name, table in tables.items()}

    def carry_out(self, order: StoreOrder, reason: Reason) -> Outcome:
        """Read, or write once: an order that was answered before gets the same answer again."""
        try:
            outcome = self._write(order, reason) if is_write(order) else self._read(order)
        except BadValue as problem:
            outcome = Outcome(error=error(problem.code, str(problem)))
        outcome.revision = self._history.revision
        return outcome

    def _read(self, order: StoreOrder) -> Outcome:
        if order.verb == "search":
            tables = [self._rows_of(order.table).table] if order.table else list(self._tables.values())
            found = reading.search_tables(self._connection, order, tables)
        else:
            found = READS[order.verb](order, self._rows_of(order.table))
        return Outcome(rows=found[0], more=found[1])

    def _write(self, order: StoreOrder, reason: Reason) -> Outcome:
        if answered := self._history.recall(reason.order):
            return self._again(answered)
        recorder = Recorder(self._history, reason)
        try:
            if order.verb == "undo":
                undo(order.values.get("change"), self._rows, self._history, recorder)
            else:
                WRITES[order.verb](order, self._rows_of(order.table), recorder)
        except BadValue as problem:
            self._history.remember(reason.order, Answered(0, 0, error(problem.code, str(problem))))
            raise
        return self._written(order, reason, recorder.changes)

    def _written(self, order: StoreOrder, reason: Reason, changes: list[Change]) -> Outcome:
        first, last = (changes[0].revision, changes[-1].revision) if changes else (0, 0)
        self._history.remember(reason.order, Answered(first, last, {}))
        rows = [change.after or change.before for change in changes]
        if not rows and order.id:  # nothing differed: the row is as the asker wants it
            rows = [row for row in [self._rows_of(order.table).get(order.id)] if row]
        return Outcome(rows, changes, [change.revision for change in changes])

    def _again(self, answered: Answered) -> Outcome:
        if answered.error:
            return Outcome(error=answered.error)
        changes = self._history.between(answered.first, answered.last) if answered.first else []
        rows = [self._row_of(change) for change in changes]
        return Outcome(rows, revisions=[change.revision for change in changes])

    def _row_of(self, change: Change) -> Row:
        if change.verb == "delete":
            return change.before
        return self._rows[change.table].get(change.id) or change.after

    def _rows_of(self, name: str) -> Rows:
        rows = self._rows.get(name)
        if rows is None:
            raise BadValue("unknown_table", f"There is no table {name!r:.60}. There are: {', '.join(self._tables)}.")
        return rows


def is_write(order: StoreOrder) -> bool:
    """Return whether an order may change something."""
    return order.verb in WRITES or order.verb == "undo"


def error(code: str, message: str) -> Row:
    """Return the `error` of an answer."""
    return {"code": code, "message": message}
