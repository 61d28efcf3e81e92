"""Open the SQLite file, after checking that it is ours, not damaged, and not newer than this program."""

import os
import sqlite3
import stat
import time
from itertools import count
from pathlib import Path

from bus.errors import PianolaError

APPLICATION_ID = 0x5049414E  # "PIAN", in the file's header
SCHEMA_VERSION = 4
"""Version of the core's tables, in the file's `user_version`."""

BACKUPS_KEPT = 10
"""An app whose migration fails tries again at each start, and each time a backup is made."""

BUSY_MILLISECONDS = 5_000
MAGIC = b"SQLite format 3\x00"


class BadDatabase(PianolaError):
    """The file cannot be used as it is; it was not changed."""

    def __init__(self, path: Path, problem: str, way_out: str) -> None:
        super().__init__(f"the database {path} {problem}. It was left as it is. {way_out}")


def open_database(path: Path) -> sqlite3.Connection:
    """Open the file, or create it. Raise `BadDatabase` instead of overwriting anything."""
    existed = path.exists() or path.is_symlink()
    if existed:
        check_file(path)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        timeout=BUSY_MILLISECONDS / 1000,
        check_same_thread=False,  # the file is rewritten in a thread, while the writer holds all orders
    )
    try:
        if existed:
            check_contents(connection, path)
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")  # a confirmed change survives a power loss
        connection.execute("pragma foreign_keys=on")
    except sqlite3.Error as error:
        connection.close()
        raise BadDatabase(path, f"cannot be opened: {error}", "Restore a backup, or move the file away") from error
    except PianolaError:
        connection.close()
        raise
    return connection


def check_file(path: Path) -> None:
    """Refuse anything but a regular SQLite file that we can read and write."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise BadDatabase(path, "is a link or no regular file", "Move it away; set PIANOLA_HOME to where the file is")
    if not os.access(path, os.R_OK | os.W_OK) or not found.st_mode & stat.S_IWUSR:
        raise BadDatabase(path, "may not be written", f"Allow it: chmod 600 {path}")
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if start and start != MAGIC:
        raise BadDatabase(
            path, "is damaged, or no SQLite file", "Restore a backup from the folder `backups`, or move the file away"
        )


def check_contents(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file of another program, of a newer version, or a damaged one."""
    application = connection.execute("pragma application_id").fetchone()[0]
    version = connection.execute("pragma user_version").fetchone()[0]
    tables = connection.execute("select count(*) from sqlite_master").fetchone()[0]
    if application != APPLICATION_ID and (tables or version):
        raise BadDatabase(path, "belongs to another program", "Move it away, or choose another PIANOLA_HOME")
    if version > SCHEMA_VERSION:
        raise BadDatabase(
            path,
            f"was written by a newer Pianola (version {version}, this one knows {SCHEMA_VERSION})",
            "Update Pianola, or choose another PIANOLA_HOME",
        )
    problem = connection.execute("pragma quick_check(1)").fetchone()[0]
    if problem != "ok":
        raise BadDatabase(path, f"is damaged ({problem})", "Restore a backup from the folder `backups`")


def back_up(connection: sqlite3.Connection, folder: Path) -> Path:
    """Write a copy of the whole database (mode 0600) into the folder; return its path. Old copies are deleted."""
    folder.mkdir(mode=0o700, exist_ok=True)
    version = connection.execute("pragma user_version").fetchone()[0]
    name = f"pianola-version{version}-{time.strftime('%Y%m%d-%H%M%S')}"
    path = next(path for number in count() if not (path := folder / f"{name}-{number:02}.db").exists())
    try:
        connection.execute("vacuum into ?", [str(path)])
    except sqlite3.Error as error:
        path.unlink(missing_ok=True)
        file = Path(connection.execute("pragma database_list").fetchone()[2])
        problem = f"is not upgraded: its backup {path} cannot be written ({error})"
        raise BadDatabase(file, problem, "Make room on the disk, then start again.") from error
    path.chmod(0o600)
    for old in sorted(folder.glob("pianola-version*.db"), key=lambda file: file.stat().st_mtime)[:-BACKUPS_KEPT]:
        old.unlink()
    return path
