"""Bring a file to the shape that this version declares: numbered steps for the core, declared fields for all tables.

A file that has the shape already, which is the usual case, is left alone, and sqlite-utils is not even loaded.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from apps.tables import Field, Table
from store.database import APPLICATION_ID, SCHEMA_VERSION, back_up

if TYPE_CHECKING:
    from sqlite_utils import Database

SQL_TYPES = {"text": "text", "integer": "integer", "real": "real", "boolean": "integer", "json": "text", "time": "real"}
EMPTY_VALUES = {"text": "''", "integer": "0", "real": "0.0", "boolean": "0", "json": "'null'", "time": "0.0"}


def migrate(connection: sqlite3.Connection, tables: Iterable[Table], backups: Path) -> None:
    """Run the steps that the file has not seen, each once, all in one transaction, after a backup of an older file."""
    tables = tuple(table for table in tables if not table.read_only)
    version = connection.execute("pragma user_version").fetchone()[0]
    if version == SCHEMA_VERSION and _shape(connection) == declared(tables):
        return
    if 0 < version < SCHEMA_VERSION:
        back_up(connection, backups)
    from sqlite_utils import Database  # noqa: PLC0415 (10 MiB, needed only when something changes)

    connection.execute("begin immediate")
    try:
        _change(Database(connection), version, tables)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def declared(tables: Iterable[Table]) -> str:
    """Return the declared shape of all tables as a text that is different when the shape is."""
    return "\n".join(f"{table.name} {table.keyed} {table.searched} {_columns(table)}" for table in tables)


def _shape(connection: sqlite3.Connection) -> str:
    return str(connection.execute("select declared from shape").fetchone()[0])


def _change(database: "Database", version: int, tables: tuple[Table, ...]) -> None:
    for step in STEPS[version:]:
        step(database)
    for table in tables:
        shape(database, table)
    if version == 0:
        database.execute("insert into profile (name) values ('Me')")
    database.execute("update shape set declared = ?", [declared(tables)])
    database.execute(f"pragma application_id={APPLICATION_ID}")
    database.execute(f"pragma user_version={SCHEMA_VERSION}")


def shape(database: "Database", table: Table) -> None:
    """Make the table, or add the columns that it lacks, and its indexes."""
    if table.name not in database.table_names():
        # autoincrement: the id of a deleted row never names another one, so that an undo can bring it back
        key = "id text primary key" if table.keyed else "id integer primary key autoincrement"
        database.execute(f'create table "{table.name}" ({key}, {_columns(table)})')
    made = database.table(table.name)
    for one in table.all_fields.values():
        if one.name not in made.columns_dict:
            database.execute(f'alter table "{table.name}" add column {_column(one)}')
    if table.searched and made.detect_fts() is None:
        made.enable_fts(table.searched, create_triggers=True, tokenize="unicode61 remove_diacritics 2")
    for name in ("profile", "position"):
        if name in table.all_fields:
            made.create_index([name], if_not_exists=True)


def _columns(table: Table) -> str:
    return ", ".join(_column(one) for one in table.all_fields.values())


def _column(one: Field) -> str:
    return f'"{one.name}" {SQL_TYPES[one.type]} not null default {EMPTY_VALUES[one.type]}'


def _first(database: "Database") -> None:
    """Make what keeps the history: every change, and every order that was answered."""
    database.execute(
        "create table change (revision integer primary key autoincrement, at real not null, subject text not null,"
        " verb text not null, row text not null, before text not null, after text not null, actor text not null,"
        " cause text not null, asked text not null, undoes integer not null default 0)"
    )
    database.execute("create index change_row on change (subject, row)")
    database.execute("create index change_undoes on change (undoes) where undoes > 0")
    database.execute(
        "create table answered (id text primary key, at real not null, first integer not null, last integer not null,"
        " error text not null) without rowid"
    )
    database.execute("create table shape (declared text not null)")
    database.execute("insert into shape values ('')")


def _second(database: "Database") -> None:
    """Make the history readable, also by time, and remember which rows a batch was about."""
    database.execute("create index change_at on change (at)")
    database.execute(
        "create view change_read as select revision as id, at, subject, verb, row, before, after, actor, cause, asked,"
        " undoes, coalesce((select revision from change as one where one.undoes = change.revision and not exists"
        " (select 1 from change as other where other.undoes = one.revision)), 0) as undone_by from change"
    )
    database.execute("alter table answered add column places text not null default ''")


STEPS = (_first, _second)
"""Step N brings version N to N + 1. Never change one that was released: add another."""
