"""The writer: collects orders, carries out all that wait in one transaction, commits, then says answers and facts.

All waiting orders share one commit, so many askers cost one write to the disk. Answers and facts leave after it.
"""

import sqlite3
import time
from collections.abc import Callable

from apps.core import APP
from apps.tables import Row, Table
from bus.bus import Bus
from bus.errors import BadMessage
from bus.messages import StoreAnswer, StoreChanged, StoreOrder
from bus.service import Level
from bus.wire import Envelope, Header
from store.file.watch import Exchanged, FileWatch
from store.orders.orders import Orders, Outcome, error, is_write
from store.own.files import FileState
from store.own.tables import OwnTables
from store.tables.history import Change, History, Reason

Log = Callable[[Level, str, BaseException], None]


class Writer:
    """Collects orders and carries them out, batch by batch."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        tables: dict[str, Table],
        bus: Bus,
        log: Log,
        watch: FileWatch | None = None,
        *,
        own: OwnTables | None = None,
    ) -> None:
        """`tables`: by name; all exist in the file. `log`: called for orders that fail because of a mistake of ours.

        `watch`: asked before each confirmation whether the file is still the same one. `own`: the tables of own apps.
        """
        self._connection = connection
        self._history = History(connection)
        self._orders = Orders(connection, tables, self._history, own)
        self._bus = bus
        self._log = log
        self._watch = watch
        self._waiting: list[Envelope] = []
        self._held = False
        self.on_erased: Callable[[], None] = lambda: None
        """Called after the commit when something was deleted for good."""

    @property
    def revision(self) -> int:
        """The newest revision."""
        return self._history.revision

    def take(self, heard: Envelope) -> None:
        """Add an order to the next transaction."""
        self._waiting.append(heard)

    def hold(self) -> None:
        """Let orders wait: the file is being rewritten. Nothing else may use the connection."""
        self._held = True

    def release(self) -> None:
        """Serve the orders that waited, and go on."""
        self._held = False
        self.serve()

    def forget(self, before: float) -> bool:
        """Delete some changes that were made before then (Unix seconds); return whether there may be more."""
        if self._held:
            return True
        self._connection.execute("begin immediate")
        try:
            more = self._history.forget(before)
            self._check_file()
            self._connection.execute("commit")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            raise
        return more

    @property
    def is_held(self) -> bool:
        """Whether nothing may be written now."""
        return self._held

    def note_file(self, file: FileState, order: str) -> None:
        """Write the row of an app from a file, and say its fact. `order`: an id, as if somebody had ordered it."""
        self._connection.execute("begin immediate")
        try:
            outcome = self._orders.note_file(file, Reason("system", order, ""))
            self._check_file()
            self._connection.execute("commit")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            self._orders.rolled_back()
            raise
        header = Header(order, "", self._bus.sender, 0, time.time())
        heard = Envelope(APP.name, header, StoreOrder(verb="update", table=APP.name, actor="system"))
        for change in outcome.changes:
            self._say_fact(change, heard)

    def serve(self) -> None:
        """Carry out the waiting orders. If the transaction fails, try each order alone: one must not spoil others.

        Exception: when another program has locked the file, writes are not tried again. They have waited long enough.
        """
        if self._held or not self._waiting:
            return
        batch, self._waiting = self._waiting, []
        try:
            self._say_results(self._transact(batch))
        except Exception as problem:
            for heard in batch:
                again = not is_write(heard.message) or (len(batch) > 1 and not is_busy(problem))
                self._say_results(self._try_alone(heard) if again else [self._failed(heard, problem)])

    def _try_alone(self, heard: Envelope) -> list[tuple[Envelope, Outcome]]:
        try:
            return self._transact([heard])
        except Exception as problem:
            return [self._failed(heard, problem)]

    def _failed(self, heard: Envelope, problem: Exception) -> tuple[Envelope, Outcome]:
        # The user is told about these: a full disk, a lock, another file in the place of the database.
        if not isinstance(problem, sqlite3.OperationalError | Exchanged):
            self._log("error", f"the store failed at the order {heard.header.id}: {problem}", problem)
        return heard, Outcome(error=refusal(problem))

    def _transact(self, batch: list[Envelope]) -> list[tuple[Envelope, Outcome]]:
        writing = any(is_write(heard.message) for heard in batch)
        self._check_file()
        if writing:
            self._connection.execute("begin immediate")
        try:
            done = [(heard, self._carry_out(heard)) for heard in batch]
            self._check_file()
            if writing:
                self._connection.execute("commit")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            self._check_file()  # it may be the reason
            self._orders.rolled_back()
            raise
        if self._watch and writing:
            self._watch.checkpoint_if_due()
        if any(change.verb == "erase" for _, outcome in done for change in outcome.changes):
            self.on_erased()
        return done

    def _check_file(self) -> None:
        if self._watch:
            self._watch.check()

    def _carry_out(self, heard: Envelope) -> Outcome:
        order: StoreOrder = heard.message
        return self._orders.carry_out(order, Reason(order.actor, heard.header.id, heard.header.cause, order.client))

    def _say_results(self, done: list[tuple[Envelope, Outcome]]) -> None:
        for heard, outcome in done:
            answer = StoreAnswer(
                ok=not outcome.error,
                rows=outcome.rows,
                error=outcome.error,
                more=outcome.more,
                total=outcome.total,
                changes=outcome.revisions,
                revision=outcome.revision,
            )
            self._bus.say(answer, heard.header.sender, cause=heard.header.id)
            for change in outcome.changes:
                self._say_fact(change, heard)

    def _say_fact(self, change: Change, heard: Envelope) -> None:
        try:
            self._bus.say(fact(change, heard, change.before), change.table, cause=heard.header.id)
        except BadMessage:  # two long texts do not fit into one frame; the old one is in the history
            self._bus.say(fact(change, heard, {}), change.table, cause=heard.header.id)


def fact(change: Change, heard: Envelope, before: Row) -> StoreChanged:
    """Return the `store.changed` for a change that an order made."""
    return StoreChanged(
        table=change.table,
        verb=change.verb,
        id=change.id,
        row=change.after,
        before=before,
        actor=heard.message.actor,
        revision=change.revision,
        order_cause=heard.header.cause,
        undoes=change.undoes,
        client=heard.message.client,
    )


def is_busy(problem: Exception) -> bool:
    """Return whether another program has locked the database."""
    return getattr(problem, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def refusal(problem: Exception) -> Row:
    """Return the `error` of an answer when the disk, another program or a mistake of ours prevented the order."""
    if getattr(problem, "sqlite_errorname", "") == "SQLITE_FULL":
        return error("disk_full", "The disk is full: nothing was changed. Make room, then try again.")
    if isinstance(problem, Exchanged):
        return error("exchanged", f"Nothing is confirmed: {problem}")
    if is_busy(problem):
        return error("busy", "Another program holds the database: nothing was changed. Close it, then try again.")
    return error("failed", f"The store failed at this order ({problem}). Nothing was changed.")
