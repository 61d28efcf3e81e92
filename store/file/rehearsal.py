"""The upgrade of a large file is rehearsed on a copy: what goes wrong is seen before the file itself is touched."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from store.file.backup.copies import PART, remove_draft
from store.file.database import FULL_CHECK_BYTES, BadDatabase
from store.file.text_index import add_functions
from store.file.types import add_key_functions

REHEARSED_BYTES = FULL_CHECK_BYTES
"""From this size on. A smaller file is upgraded, or put back, in seconds, and the backup before it is whole."""
NAME = f".pianola-rehearsal{PART}"
"""A start removes what is called so in the folder of backups, should a rehearsal be killed."""

Change = Callable[[sqlite3.Connection], None]


def rehearse(backup: Path, change: Change, database: Path) -> None:
    """Do to a copy of the backup what is to be done to the database. Raise `BadDatabase` if that goes wrong."""
    copy = backup.with_name(NAME)
    remove_draft(copy)
    try:
        copy.touch(0o600)
        shutil.copyfile(backup, copy)
        problem = _outcome(copy, change)
    except (OSError, sqlite3.Error) as error:
        problem = str(error)
    finally:
        remove_draft(copy)
    if problem:
        raise BadDatabase(
            database,
            f"is not upgraded: that went wrong on a copy of it ({problem})",
            "Make room on the disk if it is full; else go on with the Pianola of before, whose file it still is.",
        )


def _outcome(copy: Path, change: Change) -> str:
    """Change the copy; return what is wrong with it then, "" for nothing."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        add_functions(connection)
        add_key_functions(connection)
        connection.execute("pragma synchronous=off")  # it is removed in any case
        connection.execute("pragma foreign_keys=on")
        connection.execute("begin immediate")
        change(connection)
        connection.execute("commit")
        found = str(connection.execute("pragma integrity_check(1)").fetchone()[0])
    return "" if found == "ok" else found
