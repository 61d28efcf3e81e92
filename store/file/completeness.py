"""Check that all tables are still there: another program may have dropped one, and orders would fail one by one."""

import re
import sqlite3
from pathlib import Path

from store.file.columns import quoted
from store.file.database import RESTORE, BadDatabase
from store.file.text_index import add_functions

OWN_TABLES = {
    "change": (("revision", "at", "subject", "verb", "row", "before", "after", "actor", "cause", "asked", "undoes")),
    "answered": ("id", "at", "first", "last", "error"),
}
"""Tables of the store itself, with their columns, since version 1."""

VIEW = "change_read"
"""The history as it is read."""
FIRST_WITH_VIEW = 2
"""The version of the file since which it has the view."""

DECLARED = re.compile(r"(?P<name>\w+) (?:True|False) (?P<searched>\(.*?\)) (?P<columns>.*)")
"""A table in the text that the table `shape` holds: see `migrations.declared`."""
COLUMN = re.compile(r'"(\w+)" \w+ not null default')


def check_complete(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `BadDatabase` if a table, column or trigger is missing that was there when the file was last brought up."""
    if connection.execute("pragma user_version").fetchone()[0] == 0:
        return  # it is new
    add_functions(connection)  # triggers name them
    try:
        declared = str(connection.execute("select declared from shape").fetchone()[0])
    except (sqlite3.Error, TypeError) as error:
        raise incomplete(path, "its table `shape`") from error
    tables = dict(OWN_TABLES)
    for line in declared.splitlines():
        if matched := DECLARED.fullmatch(line):
            tables[matched["name"]] = ("id", *COLUMN.findall(matched["columns"]))
            if matched["searched"] != "()" and not _has_text_index(connection, matched["name"]):
                raise incomplete(path, f"the index for searching `{matched['name']}`")
    for name, columns in tables.items():
        if missing := _missing(connection, name, columns):
            raise incomplete(path, missing)
    if connection.execute("pragma user_version").fetchone()[0] >= FIRST_WITH_VIEW and not _has_view(connection):
        raise incomplete(path, f"the view `{VIEW}`")


def _missing(connection: sqlite3.Connection, name: str, columns: tuple[str, ...]) -> str:
    present = {column for _, column, *_ in connection.execute(f"pragma table_info({quoted(name)})")}
    if not present:
        return f"the table `{name}`"
    if absent := [column for column in columns if column not in present]:
        return f"the column `{absent[0]}` of the table `{name}`"
    sets = ", ".join(f"{quoted(column)} = {quoted(column)}" for column in columns)
    for sql in (f"insert into {quoted(name)} default values", f"update {quoted(name)} set {sets}"):
        try:
            connection.execute(f"explain {sql}")  # it compiles the triggers, too
        except sqlite3.Error as error:
            return f"what belongs to the table `{name}` ({error})"
    return ""


def _has_text_index(connection: sqlite3.Connection, name: str) -> bool:
    sql = "select count(*) from sqlite_master where sql like 'create virtual table%' and instr(sql, ?)"
    return bool(connection.execute(sql, [name]).fetchone()[0])


def _has_view(connection: sqlite3.Connection) -> bool:
    sql = "select count(*) from sqlite_master where type = 'view' and name = ?"
    return bool(connection.execute(sql, [VIEW]).fetchone()[0])


def incomplete(path: Path, what: str) -> BadDatabase:
    """Return the error for a part that is missing."""
    return BadDatabase(path, f"lacks {what}: another program must have removed it", RESTORE)
