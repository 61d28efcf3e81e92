"""What a migration of an app may do to its tables: `apps.migrations.Upgrade` for the open file."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from apps.core import CORE
from apps.names import RESERVED_TABLES, problem_of_field, problem_of_table
from apps.tables import BadValue, Row
from store.file.columns import quoted
from store.file.text_index import drop_text_indexes
from store.file.types import written

if TYPE_CHECKING:
    from sqlite_utils import Database

PROTECTED_TABLES = RESERVED_TABLES | {table.name for table in CORE}
"""Tables that a migration of an app may not change."""


class TableUpgrade:
    """Renames and removes fields and tables. It drops their indexes first; `shape` creates them again afterwards."""

    def __init__(self, database: "Database") -> None:
        """`database`: with an open transaction."""
        self._database = database

    def rename_field(self, table: str, field: str, to: str) -> None:
        """Give a field another name, in the rows and in their history."""
        self.drop_indexes(table, field)
        _raise_if(problem_of_field(to))
        self._database.execute(f"alter table {quoted(table)} rename column {quoted(field)} to {quoted(to)}")
        self._rename_in_history(table, field, to)

    def remove_field(self, table: str, field: str) -> None:
        """Remove a field with its values; the history keeps them."""
        self.drop_indexes(table, field)
        self._database.execute(f"alter table {quoted(table)} drop column {quoted(field)}")

    def rename_table(self, table: str, to: str) -> None:
        """Give a table another name, with its rows and their history."""
        self.drop_indexes(table)
        _raise_if(problem_of_table(to))
        self._database.execute(f"alter table {quoted(table)} rename to {quoted(to)}")
        self._database.execute("update change set subject = ? where subject = ?", [to, table])

    def remove_table(self, table: str) -> None:
        """Remove a table with its rows; the history keeps them."""
        self.drop_indexes(table)
        self._database.execute(f"drop table {quoted(table)}")

    def rows(self, table: str) -> Iterator[Row]:
        """Read the rows of a table with SQLite's own values: a boolean is 0 or 1, JSON is a text."""
        self._check(table)
        names = list(self._database.table(table).columns_dict)
        found = self._database.execute(f"select {', '.join(map(quoted, names))} from {quoted(table)} order by rowid")
        return (dict(zip(names, values, strict=True)) for values in found.fetchall())

    def update(self, table: str, change: Callable[[Row], Row]) -> None:
        """Set in each row the values that `change` returns for it; {} leaves it alone."""
        for row in self.rows(table):
            values = change(dict(row))
            if values:
                parts = ", ".join(f"{quoted(name)} = ?" for name in values)
                sql = f"update {quoted(table)} set {parts} where id = ?"
                self._database.execute(sql, [*values.values(), row["id"]])

    def _check(self, table: str, field: str = "") -> None:
        if table in PROTECTED_TABLES:
            raise BadValue("bad_value", f"The table {table} is not the app's own: a migration may not change it.")
        found = self._database.table(table)
        if not found.exists():
            raise BadValue("unknown_table", f"There is no table {table!r:.60} in the database.")
        if field and field not in found.columns_dict:
            known = ", ".join(found.columns_dict)
            raise BadValue("unknown_field", f"`{table}` has no field {field!r:.60} in the database. It has: {known}.")

    def drop_indexes(self, table: str, field: str = "") -> None:
        """Remove the indexes of a table, before one of its columns changes."""
        self._check(table, field)
        found = self._database.table(table)
        drop_text_indexes(self._database, table)
        for index in found.indexes:
            if index.origin == "c":  # created by `create index`, not by the primary key
                self._database.execute(f"drop index {quoted(index.name)}")

    def _rename_in_history(self, table: str, field: str, to: str) -> None:
        sql = "select revision, before, after from change where subject = ? and (instr(before, ?) or instr(after, ?))"
        named = f"{written(field)}:"
        for revision, before, after in self._database.execute(sql, [table, named, named]).fetchall():
            renamed = [_renamed(before, field, to), _renamed(after, field, to), revision]
            self._database.execute("update change set before = ?, after = ? where revision = ?", renamed)


def _renamed(text: str, field: str, to: str) -> str:
    values = {to if name == field else name: value for name, value in json.loads(text).items()}
    return written(values)


def _raise_if(problem: str) -> None:
    if problem:
        raise BadValue("bad_value", problem)
