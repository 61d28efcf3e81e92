"""Notice, before each confirmation, when another file was put in the place of the database, or written over it.

Why it works as it does: docs/decisions/backups.md.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bus.errors import PianolaError
from store.file.lock import FileLock
from store.file.mark import NO_MARK, TABLE, new_mark, note_marks, write_mark

CHECKPOINT_BYTES = 4_000_000
"""A WAL of this size is moved into the file. SQLite would do it at the same size, but without a new mark."""


class Exchanged(PianolaError):
    """The database file is not the one any more that the store has open."""

    def __init__(self, database: Path, what: str) -> None:
        super().__init__(
            f"the database {database} {what} while Pianola was running. Nothing is read or changed any more. "
            "Stop it (`pianola down`). Then `pianola restore FILE` brings back a backup (see `pianola backups`); "
            "without that, `pianola up` uses the file that is there now."
        )


class FileWatch:
    """Compares the file at the path with the one that is open, and moves the WAL into it under new marks."""

    def __init__(
        self,
        database: Path,
        lock: FileLock,
        connection: sqlite3.Connection,
        marks: list[str],
        on_exchanged: Callable[[Exchanged], None],
    ) -> None:
        """`marks`: those that the file may have now; it gets a new one. `connection`: the only one that writes.

        `on_exchanged`: called once.
        """
        self._database = database
        self._lock = lock
        self._connection = connection
        self._marks = marks
        self._page_bytes: int = connection.execute("pragma page_size").fetchone()[0]
        self._offset = 0
        self._wal_bytes, self._due_bytes = 0, CHECKPOINT_BYTES
        self._exchanged: Exchanged | None = None
        self._on_exchanged = on_exchanged
        connection.execute("pragma wal_autocheckpoint=0")
        connection.execute("pragma journal_size_limit=0")  # else the size of the WAL would not say what is in it
        self.checkpoint()

    def check(self) -> None:
        """Raise `Exchanged` if the file was replaced, removed or overwritten. Takes microseconds."""
        if self._exchanged is None and (what := self._what_happened()):
            self._exchanged = Exchanged(self._database, what)
            self._on_exchanged(self._exchanged)
        if self._exchanged is not None:
            raise self._exchanged

    def _what_happened(self) -> str:
        try:
            found = os.stat(self._database)
        except OSError:
            return "was removed"
        if (found.st_dev, found.st_ino) != self._lock.identity:
            return "was replaced by another file"
        return "" if self._mark_in_file() or self._find_mark() else "was overwritten"

    def _mark_in_file(self) -> str:
        """Return the newest of our marks that stands in the file at the known place, "" for none."""
        page = os.pread(self._lock.descriptor, self._page_bytes, self._offset)
        return next((mark for mark in reversed(self._marks) if mark and mark.encode() in page), "")

    def _find_mark(self) -> bool:
        """Look for the place of the mark, which moves when another program runs VACUUM. Return whether all is well."""
        try:
            sql = "select rootpage from sqlite_master where name = ?"
            (page,) = self._connection.execute(sql, [TABLE]).fetchone()
        except (sqlite3.Error, TypeError):
            return self._marks == [NO_MARK]
        self._offset = (page - 1) * self._page_bytes
        return NO_MARK in self._marks or bool(self._mark_in_file())

    def checkpoint_if_due(self) -> None:
        """Move the WAL into the file when it has become long. Call it after a commit; it raises nothing."""
        try:
            size = os.stat(f"{self._database}-wal").st_size
        except OSError:
            return
        if size < self._wal_bytes:  # SQLite writes it from its beginning again
            self._due_bytes = CHECKPOINT_BYTES
        self._wal_bytes = size
        if size >= self._due_bytes:
            self._due_bytes = size + CHECKPOINT_BYTES  # while others read an old state, it only grows
            self.checkpoint()

    def checkpoint(self) -> None:
        """Move the WAL into the file, with a new mark. It raises nothing: what does not succeed now comes later."""
        mark = new_mark()
        with suppress(OSError, sqlite3.Error):  # a full disk, or another program's lock: the old mark stays true
            note_marks(self._database, [*self._marks, mark])
            write_mark(self._connection, mark)
            self._marks.append(mark)
        with suppress(sqlite3.Error):
            self._connection.execute("pragma wal_checkpoint(passive)").fetchone()
        self._forget_old_marks()

    def _forget_old_marks(self) -> None:
        self._find_mark()
        present = self._mark_in_file()
        if present and present != self._marks[0]:
            self._marks = self._marks[self._marks.index(present) :]
            with suppress(OSError):
                note_marks(self._database, self._marks)
