"""What changed and why (the table `change`), and which orders were answered (the table `answered`).

Both are written in the transaction of the change itself. So an order takes effect exactly once, and each change has its
cause, even when a process is killed at any moment.
"""

import json
import sqlite3
import time
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

from apps.tables import Row
from store.file.types import written

REMEMBERED_SECONDS = 7 * 24 * 3600.0
"""How long an answered order is remembered: much longer than anybody repeats it."""

FORGOTTEN_AT_ONCE = 500
"""Changes that are deleted in one transaction, so that orders wait for milliseconds only."""

RowRef = tuple[str, int | str]
"""The name of a table and the id of a row."""
RowRefs = list[RowRef | None]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a change is made: for whom (`actor`), the id of the order, and the id of the message that caused it.

    `client`: name of the program that gave the order, "" for none.
    """

    actor: str
    order: str
    cause: str
    client: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one row: the row before (empty for an insert) and after (empty for a delete).

    When an update is read back from the history, it has only the fields that differ.
    """

    revision: int
    table: str
    verb: Literal["insert", "update", "delete", "erase"]
    id: int | str
    before: Row
    after: Row
    undoes: int = 0
    """The revision that this change takes back."""

    def differing(self) -> tuple[Row, Row]:
        """Return before and after as the history stores them: for an update, only the fields that differ."""
        if self.verb == "erase":
            return {}, {}
        if self.verb != "update":
            return self.before, self.after
        names = [name for name, value in self.after.items() if self.before[name] != value]
        return {name: self.before[name] for name in names}, {name: self.after[name] for name in names}


@dataclass(frozen=True, slots=True)
class Answered:
    """The result of an order: the first and last revision of its changes (0, 0: none), or its error."""

    first: int = 0
    last: int = 0
    error: Row = field(default_factory=dict)
    places: RowRefs | None = None
    """For a batch: the row that each of its orders is about."""
    digest: str = ""
    """What the giver of the order called its content, "" for nothing."""


class History:
    """Reads and writes the tables `change` and `answered`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read the newest revision."""
        self._connection = connection
        self.revision = self._newest()

    def _newest(self) -> int:
        return int(self._connection.execute("select coalesce(max(revision), 0) from change").fetchone()[0])

    def reload_revision(self) -> None:
        """Read the newest revision again, after a rollback."""
        self.revision = self._newest()

    def record(self, change: Change, reason: Reason, *, with_values: bool = True) -> None:
        """Store a change. Its revision must be the next one. `with_values`: the rows before and after as well."""
        before, after = change.differing() if with_values else ({}, {})
        self._connection.execute(
            "insert into change (revision, at, subject, verb, row, before, after, actor, cause, asked, undoes, client)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                change.revision,
                time.time(),
                change.table,
                change.verb,
                written(change.id),
                written(before),
                written(after),
                reason.actor,
                reason.cause,
                reason.order,
                change.undoes,
                reason.client,
            ],
        )
        self.revision = change.revision

    def find(self, revision: int) -> Change | None:
        """Return one change, None if there is none."""
        return next(iter(self.between(revision, revision)), None)

    def between(self, first: int, last: int) -> list[Change]:
        """Return the changes from one revision to another."""
        found = self._connection.execute(
            "select revision, subject, verb, row, before, after from change where revision between ? and ?",
            [first, last],
        )
        return [
            Change(revision, table, verb, json.loads(row), json.loads(before), json.loads(after))
            for revision, table, verb, row, before, after in found
        ]

    def order_of(self, revision: int) -> str:
        """Return the id of the order that made a change; "" if there is no such change."""
        found = self._connection.execute("select asked from change where revision = ?", [revision]).fetchone()
        return str(found[0]) if found else ""

    def with_order_of(self, revision: int) -> list[int]:
        """Return the revisions of the other changes of the same order that were not undone."""
        sql = (
            "select revision from change where revision != ? and asked = (select asked from change where revision = ?)"
        )
        others = [found[0] for found in self._connection.execute(sql, [revision, revision])]
        return [one for one in others if not self.undone_by(one)]

    def erased_after(self, revision: int) -> bool:
        """Return whether something was deleted for good after a revision."""
        if revision >= self.revision:
            return False
        found = self._connection.execute(
            "select 1 from change where revision > ? and verb = 'erase' limit 1", [revision]
        )
        return found.fetchone() is not None

    def undone_by(self, revision: int) -> int:
        """Return the revision that took this one back and was not undone itself, or 0."""
        found = self._connection.execute(
            "select revision from change as one where undoes = ? and undoes > 0 and not exists"  # > 0: uses the index
            " (select 1 from change as other where other.undoes = one.revision and other.undoes > 0)",
            [revision],
        ).fetchone()
        return int(found[0]) if found else 0

    def newer(self, table: str, key: int | str, revision: int) -> int:
        """Return the newest change of the same row after this revision, or 0."""
        found = self._connection.execute(
            "select coalesce(max(revision), 0) from change where subject = ? and row = ? and revision > ?",
            [table, written(key), revision],
        ).fetchone()
        return int(found[0])

    def remember(self, order: str, answered: Answered) -> None:
        """Store the result of an order, so that it is not carried out again."""
        error = written(answered.error) if answered.error else ""
        places = "" if answered.places is None else written(answered.places)
        self._connection.execute(
            "insert into answered (id, at, first, last, error, places, digest) values (?, ?, ?, ?, ?, ?, ?)",
            [order, time.time(), answered.first, answered.last, error, places, answered.digest],
        )

    def recall(self, order: str) -> Answered | None:
        """Return the result of an order, None for a new one."""
        sql = "select first, last, error, places, digest from answered where id = ?"
        found = self._connection.execute(sql, [order]).fetchone()
        if found is None:
            return None
        first, last, error, places, digest = found
        refs = json.loads(places) if places else None
        return Answered(first, last, json.loads(error) if error else {}, refs, digest)

    def forget(self, before: float, most: int = FORGOTTEN_AT_ONCE) -> bool:
        """Delete the oldest changes, if they were made before then; return whether there may be more.

        At most about `most`, but all of an order or none: half an order could be undone by mistake. The
        newest change stays, so that no revision is given twice. Results of orders go as well that nobody repeats.
        """
        self._connection.execute("delete from answered where at < ?", [time.time() - REMEMBERED_SECONDS])
        sql = "select revision, at, asked from change order by revision limit ?"
        oldest = self._connection.execute(sql, [most]).fetchall()
        old = list(takewhile(lambda change: change[1] < before, oldest))
        if not old:
            return False
        last = self._last_of_order(old[-1][2])
        if last == self.revision:  # of the newest order nothing goes
            first = self._connection.execute("select min(revision) from change where asked = ?", [old[-1][2]])
            last = first.fetchone()[0] - 1
        deleted = self._connection.execute("delete from change where revision <= ?", [last]).rowcount
        return bool(deleted) and len(old) == len(oldest)

    def _last_of_order(self, order: str) -> int:
        found = self._connection.execute("select max(revision) from change where asked = ?", [order])
        return int(found.fetchone()[0])
