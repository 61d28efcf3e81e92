"""Carry out one order: find its verb and table, run it, and turn errors into an answer."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from apps.core import APP
from apps.tables import BadValue, Row, Table
from bus.limits import MAX_ANSWER_ROWS, MAX_CLIENT_CHARACTERS, MAX_DIGEST_CHARACTERS
from bus.messages import StoreOrder
from store.orders import writing
from store.orders.batch import maps_of, order_of, row_of, with_links
from store.orders.erase import erase
from store.orders.undo import undo
from store.own.files import FileState
from store.own.tables import OwnTables
from store.tables import reading
from store.tables.history import Answered, Change, History, Reason, RowRef, RowRefs
from store.tables.recorder import Recorder
from store.tables.rows import Rows
from store.tables.sums import sum_rows
from store.tables.traces import Traces

READS: dict[str, Callable[[StoreOrder, Rows], reading.Found]] = {
    "list": reading.list_rows,
    "get": reading.get_row,
    "sum": sum_rows,
}
WRITES: dict[str, Callable[[StoreOrder, Rows, Recorder], None]] = {
    "insert": writing.insert,
    "update": writing.update,
    "delete": writing.delete,
    "toggle": writing.toggle,
    "sort": writing.sort,
}

REUSED = (
    "Another order came with this id, or Idempotency-Key, before. So this one was not carried out: give it one of its "
    "own. To hear what came of the other one, send that one again."
)


@dataclass(slots=True)
class Outcome:
    """The result of an order: rows for the asker, changes for all, or an error."""

    rows: list[Row] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    """New changes, which are still to be said as `store.changed`."""
    revisions: list[int] = field(default_factory=list)
    """Of all changes of the order; for a repeated order, those of the first time."""
    more: bool = False
    total: int = 0
    revision: int = 0
    """Newest revision of the store when the rows were read: `rows` contain every change up to it."""
    error: Row = field(default_factory=dict)


class Orders:
    """Carries out orders inside the open transaction."""

    def __init__(
        self, connection: sqlite3.Connection, tables: dict[str, Table], history: History, own: OwnTables | None = None
    ) -> None:
        """`tables`: by name; all exist in the file. `own`: changes them with the rows of the table `app`."""
        self._connection = connection
        self._tables = tables
        self._history = history
        self._rows = {name: Rows(connection, table, tables) for name, table in tables.items()}
        self._own = own
        if own:
            own.on_change = self._tables_changed

    def carry_out(self, order: StoreOrder, reason: Reason) -> Outcome:
        """Read or write. An order that was answered before is not carried out again; it gets the same answer."""
        try:
            outcome = self._write(order, reason) if is_write(order) else self._read(order)
        except BadValue as problem:
            outcome = Outcome(error=error_of(problem))
        outcome.revision = self._history.revision
        return outcome

    def _read(self, order: StoreOrder) -> Outcome:
        if order.verb == "recall":
            return self._recall(order.values.get("order"))
        if order.verb == "search":
            tables = [self._rows_of(order.table)] if order.table else self._rows.values()
            found = reading.search_tables(self._connection, order, tables)
        else:
            found = READS[order.verb](order, self._rows_of(order.table))
        return Outcome(rows=found.rows, more=found.more, total=found.total)

    def _recall(self, asked: Any) -> Outcome:
        if answered := self._history.recall(asked) if type(asked) is str else None:
            return self._repeat_answer(answered)
        raise BadValue("unknown_order", f"No order {asked!r:.80} was carried out, or it was more than 7 days ago.")

    def _write(self, order: StoreOrder, reason: Reason) -> Outcome:
        check_names(order)
        if answered := self._history.recall(reason.order):
            if answered.digest and answered.digest != order.digest:
                raise BadValue("reused", REUSED)
            return self._repeat_answer(answered)
        recorder = self._recorder(reason)
        try:
            with self._all_or_nothing():
                refs = self._change(order, recorder)
        except BadValue as problem:
            self._history.remember(reason.order, Answered(error=error_of(problem), digest=order.digest))
            raise
        return self._finish_write(order, reason, recorder.changes, refs)

    def _recorder(self, reason: Reason) -> Recorder:
        return Recorder(self._history, reason, self._own.changed if self._own else None)

    def _tables_changed(self) -> None:
        """Read and write the tables as they are declared now."""
        for name in self._rows.keys() - self._tables.keys():
            del self._rows[name]
        for name, table in self._tables.items():
            if name not in self._rows or self._rows[name].table is not table:
                self._rows[name] = Rows(self._connection, table, self._tables)

    def note_file(self, file: FileState, reason: Reason) -> Outcome:
        """Write the row of an app from a file. If its new version cannot be used, that is written instead."""
        assert self._own  # noqa: S101 (only a store with own apps finds files)
        recorder = self._recorder(reason)
        try:
            with self._all_or_nothing():
                self._own.note_file(file, self._rows[APP.name], recorder)
        except BadValue as problem:
            recorder = self._recorder(reason)
            with self._all_or_nothing():
                self._own.note_file(FileState(file.name, problem=str(problem)), self._rows[APP.name], recorder)
        return Outcome(changes=recorder.changes)

    def rolled_back(self) -> None:
        """Forget what a transaction has changed that was rolled back."""
        self._history.reload_revision()
        if self._own:
            self._own.restore()

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Take back the writes of an order that is refused halfway."""
        self._connection.execute("savepoint one_order")
        try:
            yield
        except BadValue:
            self._connection.execute("rollback to one_order")
            self.rolled_back()
            raise
        finally:
            if self._connection.in_transaction:
                self._connection.execute("release one_order")

    def _change(self, order: StoreOrder, recorder: Recorder) -> RowRefs | None:
        """Carry out an order that writes. For a batch, return the row that each of its orders is about."""
        if order.since and self._history.erased_after(order.since):
            sentence = f"Something was deleted for good after revision {order.since}, and this order may repeat it."
            raise BadValue("erased", sentence)
        if order.verb == "batch":
            return list(self._run_batch(order, recorder))
        if order.verb == "undo":
            undo(order, self._rows, self._history, recorder)
        elif order.verb == "erase":
            erase(order, self._rows, recorder, Traces(self._connection))
        else:
            if self._own and order.table == APP.name:
                order = self._own.prepared(order, self._rows[APP.name])
            WRITES[order.verb](order, self._writable(order.table), recorder)
        return None

    def _run_batch(self, batch: StoreOrder, recorder: Recorder) -> Iterator[RowRef | None]:
        refs: RowRefs = []
        for index, one in enumerate(maps_of(batch)):
            before = len(recorder.changes)
            try:
                order = with_links(order_of(one, batch), self._tables, refs)
                self._change(order, recorder)
            except BadValue as problem:
                raise problem.at(index) from None
            refs.append(row_of(order, recorder.changes[before:]))
            yield refs[-1]

    def _finish_write(self, order: StoreOrder, reason: Reason, changes: list[Change], refs: RowRefs | None) -> Outcome:
        first, last = (changes[0].revision, changes[-1].revision) if changes else (0, 0)
        self._history.remember(reason.order, Answered(first, last, places=refs, digest=order.digest))
        if refs is not None:
            rows = self._rows_at(refs, changes)
        elif changes:
            rows = (change.after or change.before for change in changes)
        else:  # nothing changed: the row has these values already
            rows = self._rows_at([(order.table, order.id)] if order.id else [], changes)
        return self._answer(rows, changes, new=True)

    def _repeat_answer(self, answered: Answered) -> Outcome:
        if answered.error:
            return Outcome(error=answered.error)
        changes = self._history.between(answered.first, answered.last) if answered.first else []
        refs = answered.places
        rows = map(self._row_of, changes) if refs is None else self._rows_at(refs, changes)
        return self._answer(rows, changes, new=False)

    def _answer(self, rows: Iterable[Row], changes: list[Change], *, new: bool) -> Outcome:
        found = reading.fitting(rows, MAX_ANSWER_ROWS)
        revisions = [change.revision for change in changes]
        return Outcome(found.rows, changes if new else [], revisions, more=found.more)

    def _rows_at(self, refs: RowRefs, changes: list[Change]) -> Iterator[Row]:
        """Read each row; a deleted one as it was before, a missing one as an empty map."""
        deleted = {(change.table, change.id): change.before for change in changes if change.verb == "delete"}
        for ref in refs:
            table, key = ref or ("", 0)
            now = self._rows[table].get(key) if table in self._rows else None
            yield now or deleted.get((table, key), {})

    def _row_of(self, change: Change) -> Row:
        if change.verb == "delete":
            return change.before
        if change.verb == "erase":
            return {"id": change.id}
        rows = self._rows.get(change.table)  # the app may have been uninstalled meanwhile
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


def check_names(order: StoreOrder) -> None:
    """Raise `BadValue` if what is kept beside the order is too long."""
    if len(order.client) > MAX_CLIENT_CHARACTERS:
        limit = f"a client’s name has at most {MAX_CLIENT_CHARACTERS}"
        raise BadValue("too_long", f"The name of the client has {len(order.client):,} characters; {limit}.")
    if len(order.digest) > MAX_DIGEST_CHARACTERS:
        limit = f"at most {MAX_DIGEST_CHARACTERS} are kept"
        raise BadValue("too_long", f"The digest of the order has {len(order.digest):,} characters; {limit}.")


def is_write(order: StoreOrder) -> bool:
    """Return whether an order may change something."""
    return order.verb in WRITES or order.verb in ("undo", "erase", "batch")


def error(code: str, message: str) -> Row:
    """Return the `error` of an answer."""
    return {"code": code, "message": message}


def error_of(problem: BadValue) -> Row:
    """Return the `error` of an answer for a `BadValue`."""
    return {**error(problem.code, str(problem)), **problem.details}
