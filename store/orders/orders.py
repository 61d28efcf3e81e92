"""Carry out one order: find its verb and table, and turn what goes wrong into an answer."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from apps.tables import BadValue, Row, Table
from bus.messages import StoreOrder
from store.orders import writing
from store.orders.batch import maps_of, order_of, place_of
from store.orders.undo import undo
from store.tables import reading
from store.tables.history import Answered, Change, History, Place, Places, Reason
from store.tables.recorder import Recorder
from store.tables.rows import Rows

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
    total: int = 0
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
            outcome = Outcome(error=error_of(problem))
        outcome.revision = self._history.revision
        return outcome

    def _read(self, order: StoreOrder) -> Outcome:
        if order.verb == "search":
            tables = [self._rows_of(order.table)] if order.table else self._rows.values()
            found = reading.search_tables(self._connection, order, tables)
        else:
            found = READS[order.verb](order, self._rows_of(order.table))
        return Outcome(rows=found.rows, more=found.more, total=found.total)

    def _write(self, order: StoreOrder, reason: Reason) -> Outcome:
        if answered := self._history.recall(reason.order):
            return self._again(answered)
        recorder = Recorder(self._history, reason)
        try:
            with self._all_or_nothing():
                places = self._change(order, recorder)
        except BadValue as problem:
            self._history.remember(reason.order, Answered(error=error_of(problem)))
            raise
        return self._written(order, reason, recorder.changes, places)

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Take back what was written when the order is refused in its middle."""
        self._connection.execute("savepoint one_order")
        try:
            yield
        except BadValue:
            self._connection.execute("rollback to one_order")
            self._history.forget_uncommitted()
            raise
        finally:
            if self._connection.in_transaction:
                self._connection.execute("release one_order")

    def _change(self, order: StoreOrder, recorder: Recorder) -> Places | None:
        """Carry out an order that writes; return, of a batch, which row each of its orders was about."""
        if order.verb == "batch":
            return list(self._one_after_the_other(order, recorder))
        if order.verb == "undo":
            undo(order, self._rows, self._history, recorder)
        else:
            WRITES[order.verb](order, self._writable(order.table), recorder)
        return None

    def _one_after_the_other(self, batch: StoreOrder, recorder: Recorder) -> Iterator[Place | None]:
        for index, one in enumerate(maps_of(batch)):
            before = len(recorder.changes)
            try:
                order = order_of(one, batch)
                self._change(order, recorder)
            except BadValue as problem:
                raise problem.at(index) from None
            yield place_of(order, recorder.changes[before:])

    def _written(self, order: StoreOrder, reason: Reason, changes: list[Change], places: Places | None) -> Outcome:
        first, last = (changes[0].revision, changes[-1].revision) if changes else (0, 0)
        self._history.remember(reason.order, Answered(first, last, places=places))
        if places is not None:
            rows = self._rows_at(places, changes)
        elif changes:
            rows = (change.after or change.before for change in changes)
        else:  # nothing differed: the row is as the asker wants it
            rows = self._rows_at([(order.table, order.id)] if order.id else [], changes)
        return self._answer(rows, changes, new=True)

    def _again(self, answered: Answered) -> Outcome:
        if answered.error:
            return Outcome(error=answered.error)
        changes = self._history.between(answered.first, answered.last) if answered.first else []
        places = answered.places
        rows = map(self._row_of, changes) if places is None else self._rows_at(places, changes)
        return self._answer(rows, changes, new=False)

    def _answer(self, rows: Iterable[Row], changes: list[Change], *, new: bool) -> Outcome:
        found = reading.fitting(rows, reading.MAX_ROWS)
        revisions = [change.revision for change in changes]
        return Outcome(found.rows, changes if new else [], revisions, more=found.more)

    def _rows_at(self, places: Places, changes: list[Change]) -> Iterator[Row]:
        """Read the row at each place; one that was deleted as it was, none as an empty map."""
        deleted = {(change.table, change.id): change.before for change in changes if change.verb == "delete"}
        for place in places:
            table, key = place or ("", 0)
            now = self._rows[table].get(key) if table in self._rows else None
            yield now or deleted.get((table, key), {})

    def _row_of(self, change: Change) -> Row:
        if change.verb == "delete":
            return change.before
        rows = self._rows.get(change.table)  # the app may be gone since
        return (rows.get(change.id) if rows else None) or change.after

    def _writable(self, name: str) -> Rows:
        rows = self._rows_of(name)
        if rows.table.read_only:
            raise BadValue("bad_value", f"`{name}` is written by the store itself. It can only be read.")
        return rows

    def _rows_of(self, name: str) -> Rows:
        rows = self._rows.get(name)
        if rows is None:
            raise BadValue("unknown_table", f"There is no table {name!r:.60}. There are: {', '.join(self._tables)}.")
        return rows


def is_write(order: StoreOrder) -> bool:
    """Return whether an order may change something."""
    return order.verb in WRITES or order.verb in ("undo", "batch")


def error(code: str, message: str) -> Row:
    """Return the `error` of an answer."""
    return {"code": code, "message": message}


def error_of(problem: BadValue) -> Row:
    """Return the `error` of an answer to an order that cannot be meant."""
    return {**error(problem.code, str(problem)), **problem.details}
