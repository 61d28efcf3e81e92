"""The desk: takes orders as they come, carries out all that wait in one transaction, commits, then tells.

One commit serves every order that was waiting, so that many askers cost one write to the disk; nobody is answered, and
nothing is said to the others, before it.
"""

import sqlite3
from collections.abc import Callable

from apps.tables import Row, Table
from bus.bus import Bus
from bus.errors import BadMessage
from bus.messages import StoreAnswer, StoreChanged, StoreOrder
from bus.service import Level
from bus.wire import Envelope
from store.orders.orders import Orders, Outcome, error, is_write
from store.tables.history import Change, History, Reason

Log = Callable[[Level, str, BaseException], None]


class Writer:
    """Waiting orders, and the connection that serves them."""

    def __init__(self, connection: sqlite3.Connection, tables: dict[str, Table], bus: Bus, log: Log) -> None:
        """`tables`: by name, all of them present in the file. `log`: told of orders at which we fail."""
        self._connection = connection
        self._history = History(connection)
        self._orders = Orders(connection, tables, self._history)
        self._bus = bus
        self._log = log
        self._waiting: list[Envelope] = []
        self._history.forget_old()

    def take(self, heard: Envelope) -> None:
        """Let an order wait for the next transaction."""
        self._waiting.append(heard)

    def serve(self) -> None:
        """Carry out what waits. When it fails together, each order is tried alone, so that a bad one harms no other.

        Not so the writes when another program holds the file: they have waited for that long enough.
        """
        if not self._waiting:
            return
        batch, self._waiting = self._waiting, []
        try:
            self._tell(self._transact(batch))
        except Exception as problem:
            for heard in batch:
                again = not is_write(heard.message) or (len(batch) > 1 and not is_busy(problem))
                self._tell(self._alone(heard) if again else [self._failed(heard, problem)])

    def _alone(self, heard: Envelope) -> list[tuple[Envelope, Outcome]]:
        try:
            return self._transact([heard])
        except Exception as problem:
            return [self._failed(heard, problem)]

    def _failed(self, heard: Envelope, problem: Exception) -> tuple[Envelope, Outcome]:
        if not isinstance(problem, sqlite3.OperationalError):  # of those the user is told: a full disk, a lock
            self._log("error", f"the store failed at the order {heard.header.id}: {problem}", problem)
        return heard, Outcome(error=refusal(problem))

    def _transact(self, batch: list[Envelope]) -> list[tuple[Envelope, Outcome]]:
        writing = any(is_write(heard.message) for heard in batch)
        if writing:
            self._connection.execute("begin immediate")
        try:
            done = [(heard, self._carry_out(heard)) for heard in batch]
            if writing:
                self._connection.execute("commit")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            self._history.forget_uncommitted()
            raise
        return done

    def _carry_out(self, heard: Envelope) -> Outcome:
        order: StoreOrder = heard.message
        return self._orders.carry_out(order, Reason(order.actor, heard.header.id, heard.header.cause))

    def _tell(self, done: list[tuple[Envelope, Outcome]]) -> None:
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
                self._tell_all(change, heard)

    def _tell_all(self, change: Change, heard: Envelope) -> None:
        try:
            self._bus.say(fact(change, heard, change.before), change.table, cause=heard.header.id)
        except BadMessage:  # two long texts do not fit into one frame; who needs the old one finds it in the history
            self._bus.say(fact(change, heard, {}), change.table, cause=heard.header.id)


def fact(change: Change, heard: Envelope, before: Row) -> StoreChanged:
    """Return the fact of a change that an order made."""
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
    )


def is_busy(problem: Exception) -> bool:
    """Return whether another program holds the database."""
    return getattr(problem, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def refusal(problem: Exception) -> Row:
    """Return the error of an order that the disk, another program, or a mistake of ours prevented."""
    if getattr(problem, "sqlite_errorname", "") == "SQLITE_FULL":
        return error("disk_full", "The disk is full: nothing was changed. Make room, then try again.")
    if is_busy(problem):
        return error("busy", "Another program holds the database: nothing was changed. Close it, then try again.")
    return error("failed", f"The store failed at this order ({problem}). Nothing was changed.")
