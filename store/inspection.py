"""Look at the database and its backups without changing anything, whether the store runs or not: for `pianola doctor`.

A file in WAL mode cannot be opened without writing beside it, unless it is open already, or SQLite is told that nobody
writes it. So there are three ways: see `_opened`.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from bus.role import holder_of
from bus.settings import Settings
from store.file.backup.folder import backups_in
from store.file.completeness import check_complete
from store.file.database import (
    FULL_CHECK_BYTES,
    QUICK_CHECK_BYTES,
    BadDatabase,
    check_contents,
    check_file,
)
from store.file.text_index import add_functions
from store.file.types import add_key_functions


def inspect(settings: Settings) -> dict[str, Any]:
    """Return what was found: `problem`, a sentence or ""; `checked`: how far; `newest`: the time of the newest backup.

    The time is in Unix seconds, 0 if there is no backup.
    """
    newest = next((one.at for one in backups_in(settings.backups)), 0.0)
    try:
        return {"problem": "", "checked": _check(settings), "newest": newest}
    except (BadDatabase, sqlite3.Error, OSError) as problem:
        return {"problem": str(problem), "checked": "", "newest": newest}


def _check(settings: Settings) -> str:
    """Check the database; return how far. Raises `BadDatabase` with what is wrong."""
    check_file(settings.database)
    size = settings.database.stat().st_size
    running, wal = bool(holder_of("store", settings.run)), Path(f"{settings.database}-wal")
    left = not running and wal.exists() and wal.stat().st_size > 0
    if left and size > FULL_CHECK_BYTES:
        return "Not checked, since the last run was killed: the next start puts it in order, and checks it"
    with _opened(settings.database, running=running, left=left) as connection:
        add_functions(connection)
        add_key_functions(connection)
        check_contents(connection, settings.database)
        check_complete(connection, settings.database)
    if size > QUICK_CHECK_BYTES:
        return "It can be read; it is too large for a check of all its pages here, and each backup is checked"
    return "All pages and indexes are whole" if size <= FULL_CHECK_BYTES else "All pages are whole"


@contextmanager
def _opened(database: Path, *, running: bool, left: bool) -> Iterator[sqlite3.Connection]:
    """Open the file. `running`: the store has it open; `left`: a killed store has left a WAL."""
    if left:
        with tempfile.TemporaryDirectory(prefix="pianola-") as folder:  # private; SQLite may write there
            for file in (database, Path(f"{database}-wal")):
                shutil.copyfile(file, Path(folder, file.name))
            with closing(sqlite3.connect(Path(folder, database.name), isolation_level=None)) as connection:
                yield connection
        return
    how = "mode=ro" if running else "mode=ro&immutable=1"
    with closing(
        sqlite3.connect(f"{database.absolute().as_uri()}?{how}", uri=True, isolation_level=None)
    ) as connection:
        yield connection
