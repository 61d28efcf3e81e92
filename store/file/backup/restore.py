"""Put a backup in the place of the database. A kill at any moment leaves the old or the new file, whole.

The new file is complete under another name first (the draft). One rename puts it in place. As long as the draft is
there, the restore has not happened, and `finish_restore` takes back what was prepared.
"""

import os
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from bus.errors import PianolaError
from store.file.backup.copies import remove, sync
from store.file.backup.folder import TIME, forget_old, new_name
from store.file.completeness import check_complete
from store.file.database import APPLICATION_ID, BadDatabase, check_contents, check_file
from store.file.lock import FileLock
from store.file.mark import new_mark, possible_marks, read_mark, remark_copy

UNFINISHED = ".unfinished"
"""End of the name of the kept file until the restore has happened."""


class NotRestored(PianolaError):
    """The file cannot be restored. The present database was not changed."""

    def __init__(self, file: Path, problem: str, way_out: str) -> None:
        super().__init__(f"{file} was not restored: it {problem}. The present database was not changed. {way_out}")


def restore(source: Path, database: Path, backups: Path) -> Path | None:
    """Put a copy of `source` in the place of the database. Return the path of the file that was there.

    None: there was none. No store may run in the home. Raises a `PianolaError`; then nothing was changed.
    """
    if database.is_symlink():
        raise NotRestored(source, f"would replace {database}, which is a link", "Move the link away.")
    finish_restore(database, backups)
    kept = new_name(backups, "before restore")
    try:
        prepare(source, database)
        lock = FileLock(database) if database.exists() else None
        try:
            found = exchange(database, kept)
        finally:
            if lock:
                lock.close()
    except OSError as error:
        raise NotRestored(source, f"cannot be copied: {error}", "Make room on the disk, then try again.") from error
    finally:
        finish_restore(database, backups)
    forget_old(backups, "before restore")
    return kept if found else None


def draft_of(database: Path) -> Path:
    """Return the path of the new file before it is put in place."""
    return database.with_name(f".{database.name}.restoring")


def wal_of(database: Path) -> Path:
    """Return the path of the write-ahead log of a database."""
    return database.with_name(f"{database.name}-wal")


def shm_of(database: Path) -> Path:
    """Return the path of the index of the write-ahead log."""
    return database.with_name(f"{database.name}-shm")


# --- the draft ---


def prepare(source: Path, database: Path) -> None:
    """Make the draft: a checked copy of the backup, with what its own `-wal` holds. The backup is only read."""
    draft = draft_of(database)
    try:
        if database.exists() and source.samefile(database):
            raise NotRestored(source, "is the database itself", "`pianola backups` lists the backups.")
        for one, to in ((source, draft), (wal_of(source), wal_of(draft))):
            if one.exists() or one == source:
                to.touch(0o600)
                shutil.copyfile(one, to)
    except FileNotFoundError:
        raise NotRestored(source, "does not exist", "`pianola backups` lists the backups.") from None
    except IsADirectoryError:
        raise NotRestored(source, "is a folder", "`pianola backups` lists the backups.") from None
    try:
        check_file(draft)
        check_draft(draft)
    except BadDatabase as error:
        raise NotRestored(source, error.problem, "`pianola backups` lists others.") from error
    except sqlite3.Error as error:
        raise NotRestored(source, f"is damaged ({error})", "`pianola backups` lists others.") from error
    sync(draft)


def check_draft(draft: Path) -> None:
    """Refuse what is not ours, damaged or newer. Make it a single file, with a mark of its own."""
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        check_contents(connection, draft)
        if connection.execute("pragma application_id").fetchone()[0] != APPLICATION_ID:
            raise BadDatabase(draft, "is empty, or no database of Pianola", "")
        found = connection.execute("pragma integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise BadDatabase(draft, f"is damaged ({found})", "")
        check_complete(connection, draft)
        connection.execute("pragma journal_mode=delete")
        remark_copy(connection, new_mark())


# --- the exchange ---


def exchange(database: Path, kept: Path) -> bool:
    """Keep the present file, and put the draft in its place. Return whether there was one."""
    set_foreign_wal_aside(database)
    empty_wal(database)
    found = database.exists()
    if found:
        link_or_copy(database, kept.with_name(kept.name + UNFINISHED))
    if wal_of(database).exists():  # the file is damaged, so that SQLite cannot move its WAL into it
        wal_of(database).rename(wal_of(kept))
    shm_of(database).unlink(missing_ok=True)
    sync(kept.parent)
    draft_of(database).rename(database)
    sync(database.parent)
    return found


def empty_wal(database: Path) -> None:
    """Move the WAL into the file, if that is possible: then the file alone is whole."""
    with suppress(sqlite3.Error, BadDatabase, OSError):
        check_file(database)
        if database.stat().st_size:
            with closing(sqlite3.connect(database, isolation_level=None)) as connection:
                connection.execute("pragma wal_checkpoint(truncate)")


def link_or_copy(file: Path, to: Path) -> None:
    """Give a file a second name; copy it where the file system has no links."""
    try:
        os.link(file, to)
    except OSError:
        shutil.copyfile(file, to)
        to.chmod(0o600)
        sync(to)


def finish_restore(database: Path, backups: Path) -> None:
    """After a kill: take back a restore that has not happened, or give the kept file its name if it has."""
    draft = draft_of(database)
    for unfinished in backups.glob(f"*{UNFINISHED}"):
        kept = unfinished.with_name(unfinished.name.removesuffix(UNFINISHED))
        if not draft.exists():
            unfinished.rename(kept)
            continue
        if wal_of(kept).exists() and not wal_of(database).exists():
            wal_of(kept).rename(wal_of(database))
        unfinished.unlink()
    for one in (wal_of(draft), shm_of(draft), draft.with_name(f"{draft.name}-journal"), draft):  # the draft last
        remove(one)


def set_foreign_wal_aside(database: Path) -> Path | None:
    """Rename the `-wal` beside the file if it belongs to another one, such as the one that was there before.

    Return its new name, None if it was left. SQLite would apply it, and damage the file.
    """
    wal, marks, mark = wal_of(database), possible_marks(database), read_mark(database)
    if not wal.exists() or wal.stat().st_size == 0 or marks is None or mark is None or mark in marks:
        return None
    aside = wal.with_name(f"{wal.name}-of-another-file-{time.strftime(TIME)}")
    wal.rename(aside)
    shm_of(database).unlink(missing_ok=True)
    return aside
