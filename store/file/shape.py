"""Bring one table of the file to its declaration: create it, or add missing columns; create its indexes."""

import json
from typing import TYPE_CHECKING

from apps.tables import BadValue, Field, Table
from store.file.columns import quoted, stored
from store.file.text_index import index_text
from store.file.types import COLUMNS

if TYPE_CHECKING:
    from sqlite_utils import Database
    from sqlite_utils.db import Table as TableInFile


def shape(database: "Database", table: Table) -> None:
    """Create the table, or add missing columns, and its indexes. Raise `BadValue` when a column has another type."""
    made = database.table(table.name)
    if not made.exists():
        # autoincrement: the id of a deleted row is never used again, so an undo can restore the row
        key = "id text primary key" if table.keyed else "id integer primary key autoincrement"
        database.execute(f"create table {quoted(table.name)} ({key}, {columns(table)})")
    _add_columns(database, made, table)
    index_text(database, table)
    if table.nested:
        parts = f"on {quoted(table.name)} ({quoted(table.nested)}) where {quoted(table.nested)} is not null"
        database.execute(f"create index if not exists {quoted(f'{table.name}_parts')} {parts}")
    for name in table.indexed:
        made.create_index([name], f"{table.name}_{name}", if_not_exists=True)
    if place := [name for name in ("profile", "position") if name in table.all_fields]:
        made.create_index(place, f"{table.name}_place", if_not_exists=True)


def columns(table: Table) -> str:
    """Return the SQL of all columns except `id`."""
    return ", ".join(column(one) for one in table.all_fields.values())


def column(one: Field) -> str:
    """Return the SQL of the column of a field."""
    may_be_null = stored(one, one.empty) is None or one.may_be_none
    return f"{quoted(one.name)} {COLUMNS[one.type].sql}{'' if may_be_null else ' not null'} default {_literal(one)}"


def _literal(one: Field) -> str:
    """Return, as SQL, the value for rows that are older than the column."""
    empty = stored(one, one.empty)
    if empty is None:
        return "null"
    return "'{}'".format(empty.replace("'", "''")) if type(empty) is str else json.dumps(empty * 1)


def _add_columns(database: "Database", made: "TableInFile", table: Table) -> None:
    present = {one.name: one.type.lower() for one in made.columns}
    if present["id"] != ("text" if table.keyed else "integer"):
        ids = "texts that the writer gives" if table.keyed else "numbers that the store counts"
        sentence = f"The ids of `{table.name}` are {present['id']} in the database, and declared as {ids}."
        raise BadValue("bad_value", f"{sentence} Set keyed={not table.keyed}, or give the new table another name.")
    for one in table.all_fields.values():
        if one.name not in present:
            database.execute(f"alter table {quoted(table.name)} add column {column(one)}")
            if one.name == "position":
                database.execute(f"update {quoted(table.name)} set position = rowid")
        elif present[one.name] != COLUMNS[one.type].sql:
            was, now = present[one.name], COLUMNS[one.type].sql
            sentence = f"`{table.name}.{one.name}` is {was} in the database and declared as {one.type} ({now})."
            raise BadValue("bad_value", f"{sentence} Give the new field another name, and fill it in a migration.")
