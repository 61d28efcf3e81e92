"""The mark: a random text in the database file by which it is told from every other state of itself.

The store writes a new mark at each start, and before each time that SQLite moves the WAL into the file. So an older
copy of the file has an older mark, and a file with the newest mark has not changed since. The file `pianola.db-mark`
beside the database names the marks that the file may have now: a `-wal` is applied only to a file with one of them.
"""

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

TABLE = "mark"
NO_MARK = ""
"""Of a file that never had one: it is new, or of an earlier version."""


def new_mark() -> str:
    """Return a text that no other state of the file has."""
    return secrets.token_hex(16)


def write_mark(connection: sqlite3.Connection, mark: str) -> None:
    """Store the mark, as the only one."""
    connection.execute("begin immediate")
    try:
        connection.execute(f"create table if not exists {TABLE} (mark text not null)")
        connection.execute(f"delete from {TABLE}")
        connection.execute(f"insert into {TABLE} values (?)", [mark])
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def remark_copy(copy: sqlite3.Connection, mark: str) -> None:
    """Give a copy another mark than its original, if that has one."""
    if copy.execute("select count(*) from sqlite_master where name = ?", [TABLE]).fetchone()[0]:
        write_mark(copy, mark)


def read_mark(database: Path) -> str | None:
    """Return the mark in the file itself, without its `-wal`; `NO_MARK` if it has none, None if it cannot be read."""
    address = f"{database.absolute().as_uri()}?mode=ro&immutable=1"  # immutable: SQLite reads this file alone
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            return str(connection.execute(f"select mark from {TABLE}").fetchone()[0])
    except TypeError:
        return NO_MARK  # the table is empty
    except sqlite3.Error as error:
        return NO_MARK if error.sqlite_errorname == "SQLITE_ERROR" else None  # no such table; or damaged


def mark_file(database: Path) -> Path:
    """Return the file that names the marks which the database may have."""
    return database.with_name(f"{database.name}-mark")


def possible_marks(database: Path) -> list[str] | None:
    """Return the marks that the file may have, None if nothing is known."""
    try:
        return mark_file(database).read_text().split("\n")
    except OSError:
        return None


def note_marks(database: Path, marks: list[str]) -> None:
    """Write down the marks that the file may have from now on. Raises `OSError`; then the old note is still there."""
    draft = mark_file(database).with_name(f".{mark_file(database).name}.part")
    try:
        with open(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write("\n".join(marks))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(mark_file(database))
    except OSError:
        draft.unlink(missing_ok=True)
        raise
