"""Carry out one query on a snapshot of the database, for `pianola sql`: `python -m store.query JSON`.

The snapshot cannot be changed: it is opened read-only, and SQLite is told to refuse everything but reading.
"""

import json
import signal
import sqlite3
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bus.errors import EXIT_REFUSED, PianolaError
from bus.text.console import EXIT_BROKEN_PIPE, discard_output, open_outputs, tell_unwritten
from bus.text.formats import writer_of
from store.file.types import add_key_functions

READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
"""What a statement may do."""
DESCRIBING = ("table_info", "table_xinfo", "table_list", "index_list", "index_info", "foreign_key_list")
"""Pragmas that only describe tables."""
SCHEMA = "sqlite_master"
"""SQLite asks for an update of it when a query uses a table that is a function, like `json_each`. A statement that
really updates it is refused by SQLite itself."""
FORBIDDEN_FUNCTIONS = ("load_extension", "fts3_tokenizer")
REFUSED = ("authoriz", "prohibited", "may not be modified", "readonly")
"""What SQLite says of statements that do more than read."""
CHECK_INSTRUCTIONS = 10_000
"""So many instructions of SQLite run between two looks at the clock: less than a millisecond."""
ROWS_AT_ONCE = 500
MOST_TABLE_ROWS = 10_000
"""Rows of a table for people: it is printed when all are known."""
LONGEST_VALUE_BYTES = 50_000_000
MOST_MEMORY_BYTES = 500_000_000

Row = dict[str, Any]


class BadQuery(PianolaError):
    """The query cannot be carried out."""


class TookTooLong(PianolaError):
    """The query reached its limit of time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the query took longer than {seconds:g} s, and was ended. `--seconds` allows it more.")


class Clock:
    """Measures how long SQLite works on a query; not how long the reader of the output takes."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: the limit."""
        self.is_over = False
        self._left = seconds
        self._since = 0.0

    def run(self) -> None:
        """Start counting."""
        self._since = time.monotonic()

    def pause(self) -> None:
        """Stop counting."""
        self._left -= time.monotonic() - self._since

    def check(self) -> bool:
        """Return whether the limit is reached: SQLite then ends the query."""
        self.is_over = time.monotonic() - self._since > self._left
        return self.is_over


def rows_of(file: Path, query: str, seconds: float) -> Iterator[tuple[list[str], list[Row]]]:
    """Yield the names of the columns with some rows, again and again. Raises `BadQuery` or `TookTooLong`."""
    clock = Clock(seconds)
    try:
        with closing(opened(file, clock)) as connection:
            clock.run()
            cursor = connection.execute(query)
            if cursor.description is None:
                raise BadQuery("this reads nothing. Expected a query, like: select title from todo")
            names = different([one[0] for one in cursor.description])
            while True:
                clock.run()
                rows = cursor.fetchmany(ROWS_AT_ONCE)
                clock.pause()
                yield names, [dict(zip(names, row, strict=True)) for row in rows]
                if not rows:
                    return
    except (sqlite3.Error, sqlite3.Warning, OverflowError, ValueError, MemoryError) as error:
        raise TookTooLong(seconds) if clock.is_over else BadQuery(problem_of(error)) from error


def opened(file: Path, clock: Clock) -> sqlite3.Connection:
    """Open a snapshot so that it can only be read, for as long as the clock allows."""
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.execute(f"pragma hard_heap_limit={MOST_MEMORY_BYTES}")
    connection.text_factory = lambda text: text.decode(errors="replace")
    add_key_functions(connection)
    connection.set_progress_handler(clock.check, CHECK_INSTRUCTIONS)
    connection.set_authorizer(allowed)
    return connection


def allowed(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    """Tell SQLite whether a part of a statement may be carried out: only what reads."""
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if (first or "").lower() in DESCRIBING else sqlite3.SQLITE_DENY
    if (action, first) == (sqlite3.SQLITE_UPDATE, SCHEMA):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY


def problem_of(error: Exception) -> str:
    """Return what is wrong with a query, a sentence."""
    said = str(error) or "there is not enough memory for it"
    if any(word in said for word in REFUSED):
        return f"only reading is allowed here ({said}). Rows are changed by `pianola order`."
    if "one statement at a time" in said:
        return "these are several statements. Write one query at a time."
    if said.startswith("no such table"):
        return f"{said}. `pianola sql \"select name from sqlite_master where type = 'table'\"` lists the tables."
    return f"the query cannot be carried out: {said}."


def different(names: list[str]) -> list[str]:
    """Return names of columns of which no two are equal: a second `id` becomes `id_2`."""
    made: list[str] = []
    for name in names:
        number, new = 1, name
        while new in made:
            number += 1
            new = f"{name}_{number}"
        made.append(new)
    return made


def main(arguments: list[str]) -> int:
    """Print the rows. Exit code: 0 done, 3 refused or ended."""
    open_outputs()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # also in the middle of a long step
    given = Namespace(**json.loads(arguments[0]))
    try:
        show(given)
        sys.stdout.flush()
    except PianolaError as problem:
        sys.stdout.flush()
        sys.stderr.write(f"pianola: {problem}\n")
        return EXIT_REFUSED
    except BrokenPipeError:
        discard_output()
        return EXIT_BROKEN_PIPE
    except OSError as problem:
        tell_unwritten(problem)
        return EXIT_REFUSED
    return 0


def show(given: Namespace) -> None:
    """Print what a query returns. `given`: `file`, `query`, `seconds`, `format` and `limit` (rows; 0: all)."""
    limit = given.limit or (MOST_TABLE_ROWS if given.format == "table" else 0)
    writer, left, more = None, limit, False
    for names, rows in rows_of(Path(given.file), given.query, given.seconds):
        writer = writer or writer_of(given.format, names, sys.stdout)
        writer.add(rows[:left] if limit else rows)
        left -= len(rows)
        if more := bool(limit and left < 0):
            break
    if writer:
        writer.end()
    if more and not given.limit:
        sys.stdout.flush()
        sys.stderr.write(f"pianola: only the first {limit:,} rows are shown; --csv, --json and --limit show more.\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
