"""Make one whole, checked copy of a database. It gets its name only when it is complete and on the disk."""

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bus.errors import PianolaError
from store.file.mark import remark_copy

PAGES_IN_ONE_STEP = 256
"""1 MiB. Between two steps others may use the disk."""
PAUSE_SECONDS = 0.001
CHECK_INSTRUCTIONS = 100_000
"""So many instructions of SQLite run between two questions whether the copying is to stop: a few milliseconds."""

PART = ".part"
"""End of the name of a copy that is not complete yet."""

Stopped = Callable[[], bool]


class BadBackup(PianolaError):
    """No copy was made, and no file is left of it."""

    def __init__(self, target: Path, problem: str, way_out: str) -> None:
        super().__init__(f"the backup {target} was not made: {problem}. Nothing else was changed. {way_out}")
        self.problem = problem


def never() -> bool:
    """Return False: the copying is not stopped."""
    return False


def make_copy(source: sqlite3.Connection, target: Path, stopped: Stopped = never) -> Path:
    """Copy the database as it is now to a new file (mode 0600), and check the copy; return its path.

    Other connections may write to the source meanwhile: the copy has the state of its begin. It needs no `-wal`.
    `stopped`: asked again and again; when it returns True, the copying ends. Raises `BadBackup`.
    """
    if target.exists() or target.is_symlink():
        raise BadBackup(target, "there is a file with this name already", "Choose another name.")
    draft = target.with_name(f".{target.name}{PART}")
    try:
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
            _fill(source, copy, stopped)
            remark_copy(copy, digest(draft))  # by its contents, so that two copies of one state are the same
            problem = _problem_of(copy, stopped)
        if problem:
            raise BadBackup(target, f"the database is damaged ({problem})", "`pianola backups` lists older ones.")
        sync(draft)
        draft.rename(target)
        sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise BadBackup(
            target, str(error), "Make room on the disk, or choose another folder, then try again."
        ) from error
    finally:
        remove_draft(draft)
    return target


def remove_drafts(folder: Path) -> None:
    """Remove what copies left that were killed. Call it while no copy is being made."""
    for draft in folder.glob(f".pianola-*{PART}"):
        remove_draft(draft)


def remove_draft(draft: Path) -> None:
    """Remove an incomplete copy, with what SQLite keeps beside it."""
    for file in (draft, Path(f"{draft}-journal"), Path(f"{draft}-wal"), Path(f"{draft}-shm")):
        remove(file)


def _fill(source: sqlite3.Connection, copy: sqlite3.Connection, stopped: Stopped) -> None:
    def pause(_status: int, _remaining: int, _total: int) -> None:
        if stopped():
            raise sqlite3.OperationalError("it was stopped")
        time.sleep(PAUSE_SECONDS)

    copy.execute("pragma synchronous=off")  # the whole file is written to the disk at the end
    source.execute("begin")  # one state for all steps; with a WAL it holds up nobody
    try:
        source.execute("select count(*) from sqlite_master").fetchone()
        source.backup(copy, pages=PAGES_IN_ONE_STEP, progress=pause)
    finally:
        source.execute("rollback")
    copy.execute("pragma journal_mode=delete")  # so it is a single file


def _problem_of(copy: sqlite3.Connection, stopped: Stopped) -> str:
    """Return what the full check of the copy found, "" for nothing."""
    copy.set_progress_handler(stopped, CHECK_INSTRUCTIONS)
    found = str(copy.execute("pragma integrity_check(1)").fetchone()[0])
    return "" if found == "ok" else found


def digest(file: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file that may be missing; leave it where it cannot be removed."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
