"""Open the SQLite file, after checking that it is ours, not damaged, and not newer than this program."""

import os
import sqlite3
import stat
from pathlib import Path

from bus.errors import PianolaError
from store.file.text_index import add_functions
from store.file.types import add_key_functions

APPLICATION_ID = 0x5049414E  # "PIAN", in the file's header
SCHEMA_VERSION = 8
"""Version of the core's tables, in the file's `user_version`."""

FULL_CHECK_BYTES = 50_000_000
"""Up to this size the start compares the indexes with their tables as well: 6 ms for 1 MB."""
QUICK_CHECK_BYTES = 2_000_000_000
"""Up to this size the start checks the structure of the file: 2 ms for 1 MB. Backups are always checked fully."""

BUSY_MILLISECONDS = 5_000
RESTORE = "`pianola backups` lists the backups, `pianola restore FILE` brings one back (after `pianola down`)"
NEWER = (
    "Install the newer Pianola again. Or go back to what was there before its upgrade: `pianola backups` lists the "
    "copy (reason: upgrade), and `pianola restore FILE` brings it back (after `pianola down`); what was done since "
    "stays behind, in a further copy"
)
"""What to do about a file of a newer version."""
MAGIC = b"SQLite format 3\x00"


class BadDatabase(PianolaError):
    """The file cannot be used as it is; it was not changed."""

    def __init__(self, path: Path, problem: str, way_out: str) -> None:
        super().__init__(f"the database {path} {problem}. It was left as it is. {way_out}")
        self.problem = problem


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
    add_functions(connection)
    add_key_functions(connection)
    try:
        if existed:
            check_contents(connection, path)
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")  # a confirmed change survives a power loss
        connection.execute("pragma foreign_keys=on")
    except sqlite3.Error as error:
        connection.close()
        raise BadDatabase(path, f"cannot be opened: {error}", RESTORE) from error
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
        raise BadDatabase(path, "is damaged, or no SQLite file", RESTORE)


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
            NEWER,
        )
    if problem := damage(connection):
        raise BadDatabase(path, f"is damaged ({problem})", RESTORE)


def damage(connection: sqlite3.Connection) -> str:
    """Return what is damaged in the file, "" if nothing was found in the time that a start may take."""
    (pages,), (page_bytes,) = (connection.execute(f"pragma {one}").fetchone() for one in ("page_count", "page_size"))
    size = pages * page_bytes
    if size > QUICK_CHECK_BYTES:
        return ""
    check = "integrity_check" if size <= FULL_CHECK_BYTES else "quick_check"
    found = str(connection.execute(f"pragma {check}(1)").fetchone()[0])
    return "" if found == "ok" else found
