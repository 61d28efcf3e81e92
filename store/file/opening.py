"""Open the database of a home for the store: one store for it, whole, of this home, and brought up to date."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from apps.own.loading import OwnApps
from apps.registry import Registry
from store.file.backup.copies import remove_drafts
from store.file.backup.folder import backups_in
from store.file.backup.restore import finish_restore, set_foreign_wal_aside
from store.file.completeness import check_complete
from store.file.database import RESTORE, BadDatabase, check_file, open_database
from store.file.lock import FileLock
from store.file.mark import NO_MARK, mark_file, note_marks, possible_marks, read_mark
from store.file.migrations import migrate, own_apps_in
from store.file.watch import Exchanged, FileWatch

Warn = Callable[[str], None]
OnExchanged = Callable[[Exchanged], None]


@dataclass(frozen=True, slots=True)
class OpenFile:
    """The open database, its lock, and its watch."""

    connection: sqlite3.Connection
    lock: FileLock
    watch: FileWatch

    def close(self) -> None:
        """Close it. If the file was exchanged, never close it: SQLite would write the WAL into the other file."""
        try:
            self.watch.check()
        except Exchanged:
            import ctypes  # noqa: PLC0415 (never needed otherwise)

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self.connection))  # else Python closes it when it exits
            return
        self.connection.close()
        self.lock.close()


def open_file(
    database: Path, backups: Path, apps: Registry | OwnApps, warn: Warn, on_exchanged: OnExchanged
) -> OpenFile:
    """Open, check and upgrade the file; create it in a new home. Raise `BadDatabase`: then nothing was lost.

    `apps`: with own apps, those that are rows in the file are loaded before it is upgraded. `warn`: called with
    sentences for the log. `on_exchanged`: called once, when the file is not the same any more.
    """
    try:
        return _open(database, backups, apps, warn, on_exchanged)
    except (sqlite3.Error, OSError) as error:
        raise BadDatabase(database, f"cannot be used: {error}", RESTORE) from error


def _open(database: Path, backups: Path, apps: Registry | OwnApps, warn: Warn, on_exchanged: OnExchanged) -> OpenFile:
    finish_restore(database, backups)
    remove_drafts(backups)
    check_used(database, backups)
    if database.exists() or database.is_symlink():
        check_file(database)
    else:
        database.touch(0o600, exist_ok=False)
    lock = FileLock(database)
    try:
        if database.stat().st_nlink > 1:
            warn(f"The database {database} has another name somewhere (a hard link). Only one home may use it.")
        if aside := set_foreign_wal_aside(database):
            warn(
                f"The database {database} is not the file that was open last. What had not yet been moved from the WAL "
                f"into that one is not applied to it; it was renamed to {aside.name}."
            )
        marks = note_present(database)
        connection = open_database(database)
    except BaseException:
        lock.close()
        raise
    try:
        check_complete(connection, database)
        if isinstance(apps, OwnApps):
            apps.sync(own_apps_in(connection))
        migrate(connection, apps.registry if isinstance(apps, OwnApps) else apps, backups, warn)
        return OpenFile(connection, lock, FileWatch(database, lock, connection, marks, on_exchanged))
    except BaseException:
        connection.close()
        lock.close()
        raise


def check_used(database: Path, backups: Path) -> None:
    """Refuse to make a new file in a home that was used: raise `BadDatabase` if the file is missing or empty there."""
    with suppress(OSError):
        if database.lstat().st_size > 0:
            return
    made = backups_in(backups)
    known = any(mark != NO_MARK for mark in possible_marks(database) or [])
    if not made and not known:
        return
    problem = "is empty (0 bytes)" if database.exists() else "is missing"
    newest = f"The newest backup is {made[0].file}: `pianola restore FILE` brings it back" if made else RESTORE
    signs = f"{mark_file(database).name} and the folder {backups.name} of {database.parent}"
    fresh = f"To start with an empty one, move {signs} away"
    raise BadDatabase(database, f"{problem}, but this home was used before", f"{newest}. {fresh}.")


def note_present(database: Path) -> list[str]:
    """Write down the mark that the file has, before SQLite makes a `-wal` for it. Return the marks it may have."""
    present, possible = read_mark(database), possible_marks(database) or []
    if present is None or present in possible:
        return possible or [NO_MARK]  # a `-wal` from before a crash may hold a newer one of them
    try:
        note_marks(database, [present])
    except OSError:
        mark_file(database).unlink(missing_ok=True)  # no note is better than a wrong one
    return [present]
