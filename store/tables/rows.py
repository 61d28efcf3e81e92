"""Read and write rows in SQLite. Identifiers come only from declared tables; values are always parameters."""

import math
import sqlite3
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from apps.tables import Row, Table
from apps.types.numbers import LARGEST_INTEGER
from store.file.columns import field_of, key_of, quoted, read, stored
from store.tables.conditions import Parameters, condition

SOURCES = {"change": "change_read"}
"""Tables that are read through a view, which computes some of their columns."""


PARKED = "$"
"""Stands between name and former type in the name of such a column: `due$text$17`."""


def revision_in(column: str) -> int:
    """Return the revision at which a column was put aside, which ends its name; 1 where none stands there."""
    last = column.rpartition(PARKED)[2]
    return int(last) if last.isdecimal() else 1


class Rows:
    """Reads and writes the rows of one table. History and transactions are the work of `orders`."""

    def __init__(
        self, connection: sqlite3.Connection, table: Table, tables: Mapping[str, Table] = MappingProxyType({})
    ) -> None:
        """`table`: must exist in the file (see `store.file.shape`). `tables`: all, by name, for links to their rows."""
        self.table = table
        self.tables = tables
        self.connection = connection
        self._fields = (field_of(table, "id"), *table.all_fields.values())
        self._columns = ", ".join(quoted(one.name) for one in self._fields)
        self._name = quoted(SOURCES.get(table.name, table.name))
        found = connection.execute("select name from pragma_table_info(?) where instr(name, ?)", [table.name, PARKED])
        self.parked = tuple(str(name) for (name,) in found)
        """Columns that keep the values of fields which are not declared any more (see `store.own.reshape`)."""

    def _row(self, values: tuple[Any, ...]) -> Row:
        return {one.name: read(one, value) for one, value in zip(self._fields, values, strict=True)}

    def get(self, key: int | str) -> Row | None:
        """Return the row with this id, None if there is none."""
        if type(key) is not (str if self.table.keyed else int) or (type(key) is int and key > LARGEST_INTEGER):
            return None
        found = self.connection.execute(f"select {self._columns} from {self._name} where id = ?", [key]).fetchone()
        return self._row(found) if found else None

    def parked_values(self, key: int | str) -> Row:
        """Return what the parked columns of a row hold, as SQLite keeps it."""
        if not self.parked:
            return {}
        names = ", ".join(map(quoted, self.parked))
        found = self.connection.execute(f"select {names} from {self._name} where id = ?", [key]).fetchone()
        return dict(zip(self.parked, found, strict=True)) if found else {}

    def park(self, key: int | str, values: Row) -> None:
        """Give the parked columns of a row their values back, where there are such columns."""
        for name in values.keys() & set(self.parked):
            sql = f"update {self._name} set {quoted(name)} = ? where id = ?"
            self.connection.execute(sql, [values[name], key])

    def each(self, where: Row, sort: str, limit: int, offset: int = 0) -> Iterator[Row]:
        """Yield the rows that match `where`, in the order of `sort`; `limit` -1: all."""
        matching, parameters = condition(self.table, where)
        order = f" order by {self._order(sort)}"
        page = f" from {self._name}{matching}{order} limit ? offset ?"
        if self.table.name in SOURCES:  # sort ids only; compute the columns just for the rows of the page
            page = f" from {self._name} where id in (select id{page}){order}"
        return map(self._row, self.connection.execute(f"select {self._columns}{page}", [*parameters, limit, offset]))

    def count(self, where: Row) -> int:
        """Return how many rows match `where`."""
        matching, parameters = condition(self.table, where)
        return int(self.connection.execute(f"select count(*) from {self._name}{matching}", parameters).fetchone()[0])

    def _order(self, sort: str) -> str:
        default = "position" if self.table.sortable else "id"
        name = sort.removeprefix("-") or default
        one = field_of(self.table, name)
        direction = " desc" if sort.startswith("-") else ""
        as_it_is = name == "id" or self.table.name in SOURCES
        by = quoted(name) if as_it_is else key_of(one, quoted(name))
        none_last = f"{quoted(name)} is null, " if one.may_be_none else ""
        return f"{none_last}{by}{direction}, id{direction}"

    def insert(self, values: Row, key: int | str | None = None) -> Row:
        """Insert a row of checked values; return the whole row."""
        given = {**values} if key is None else {"id": key, **values}
        names = ", ".join(map(quoted, given))
        marks = ", ".join("?" * len(given))
        cursor = self.connection.execute(f"insert into {self._name} ({names}) values ({marks})", self._stored(given))
        return {"id": cursor.lastrowid if key is None else key, **values}

    def update(self, key: int | str, values: Row) -> None:
        """Set checked values in a row."""
        parts = ", ".join(f"{quoted(name)} = ?" for name in values)
        self.connection.execute(f"update {self._name} set {parts} where id = ?", [*self._stored(values), key])

    def delete(self, key: int | str) -> None:
        """Delete a row."""
        self.connection.execute(f"delete from {self._name} where id = ?", [key])

    def following(self, row: Row | None, where: Row, but: int | str, limit: int) -> list[Row]:
        """Return the rows behind a row (None: the first rows) in the user's order, without the row `but`."""
        matching, parameters = condition(self.table, where)
        joined = f"{matching} and" if matching else " where"
        place = [-math.inf, 0] if row is None else [row["position"], row["id"]]
        sql = (
            f"select {self._columns} from {self._name}{joined} id <> ? and (position, id) > (?, ?)"
            " order by position, id limit ?"
        )
        return [self._row(found) for found in self.connection.execute(sql, [*parameters, but, *place, limit])]

    def last_position(self, where: Row) -> float:
        """Return the largest position of the rows that match, 0 if there are none."""
        matching, parameters = condition(self.table, where)
        sql = f"select coalesce(max(position), 0) from {self._name}{matching}"
        return float(self.connection.execute(sql, parameters).fetchone()[0])

    def _stored(self, values: Row) -> Parameters:
        return [stored(field_of(self.table, name), value) for name, value in values.items()]
