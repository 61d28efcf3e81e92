"""Rows in and out of SQLite: identifiers come from declared tables only, values only as parameters."""

import json
import sqlite3
from typing import Any

from apps.tables import BadValue, Field, Row, Table

Parameters = list[Any]


def stored(one: Field, value: Any) -> Any:
    """Return a checked value as SQLite keeps it."""
    return json.dumps(value, ensure_ascii=False) if one.type == "json" else value


def read(one: Field, value: Any) -> Any:
    """Return a value of SQLite as messages carry it."""
    if one.type == "boolean":
        return bool(value)
    return json.loads(value) if one.type == "json" else value


def quoted(name: str) -> str:
    """Return an identifier of a declared table for use in SQL."""
    return f'"{name}"'


def field_of(table: Table, name: str) -> Field:
    """Return a declared field, or raise `unknown_field`."""
    if name == "id":
        return Field("id", "text" if table.keyed else "integer")
    one = table.all_fields.get(name)
    if one is None:
        known = ", ".join(table.all_fields)
        raise BadValue("unknown_field", f"`{table.name}` has no field {name!r:.60}. It has: id, {known}.")
    return one


class Rows:
    """Plain reading and writing of one table's rows. No history, no transaction: `orders` sees to these."""

    def __init__(self, connection: sqlite3.Connection, table: Table) -> None:
        """`table`: must exist in the file (`migrations.shape`)."""
        self.table = table
        self._connection = connection
        self._fields = (field_of(table, "id"), *table.all_fields.values())
        self._columns = ", ".join(quoted(one.name) for one in self._fields)
        self._name = quoted(table.name)

    def _row(self, values: tuple[Any, ...]) -> Row:
        return {one.name: read(one, value) for one, value in zip(self._fields, values, strict=True)}

    def get(self, key: int | str) -> Row | None:
        """Return the row with this id."""
        if type(key) is not (str if self.table.keyed else int):
            return None
        found = self._connection.execute(f"select {self._columns} from {self._name} where id = ?", [key]).fetchone()
        return self._row(found) if found else None

    def list(self, where: Row, sort: str, limit: int, offset: int = 0) -> list[Row]:
        """Return rows that match `where`, in the order of `sort`."""
        condition, parameters = self.condition(where)
        sql = f"select {self._columns} from {self._name}{condition} order by {self._order(sort)} limit ? offset ?"
        return [self._row(found) for found in self._connection.execute(sql, [*parameters, limit, offset])]

    def condition(self, where: Row) -> tuple[str, Parameters]:
        """Return the SQL of a `where` map (a field equals the value, or is in the list), and its parameters."""
        clauses, parameters = [], Parameters()
        for name, wanted in where.items():
            one = field_of(self.table, name)
            values = wanted if type(wanted) is list else [wanted]
            clauses.append(f"{quoted(name)} in ({', '.join('?' * len(values))})")
            parameters += [stored(one, _comparable(one, value)) for value in values]
        return (" where " + " and ".join(clauses) if clauses else ""), parameters

    def _order(self, sort: str) -> str:
        default = "position" if self.table.sortable else "id"
        name = sort.removeprefix("-") or default
        field_of(self.table, name)
        direction = " desc" if sort.startswith("-") else ""
        return f"{quoted(name)}{direction}, id{direction}"

    def insert(self, values: Row, key: int | str | None = None) -> Row:
        """Insert a row of checked values and return it whole."""
        given = {**values} if key is None else {"id": key, **values}
        names = ", ".join(map(quoted, given))
        marks = ", ".join("?" * len(given))
        cursor = self._connection.execute(f"insert into {self._name} ({names}) values ({marks})", self._stored(given))
        return {"id": cursor.lastrowid if key is None else key, **values}

    def update(self, key: int | str, values: Row) -> None:
        """Set checked values in a row."""
        parts = ", ".join(f"{quoted(name)} = ?" for name in values)
        self._connection.execute(f"update {self._name} set {parts} where id = ?", [*self._stored(values), key])

    def delete(self, key: int | str) -> None:
        """Delete a row."""
        self._connection.execute(f"delete from {self._name} where id = ?", [key])

    def following(self, position: float | None, where: Row, but: int | str) -> float | None:
        """Return the next greater position (None: the first) among rows that match, leaving out the row `but`."""
        condition, parameters = self.condition(where)
        joined = f"{condition} and" if condition else " where"
        found = self._connection.execute(
            f"select min(position) from {self._name}{joined} id <> ? and position > ?",
            [*parameters, but, -1e300 if position is None else position],
        ).fetchone()
        return None if found[0] is None else float(found[0])

    def last_position(self) -> float:
        """Return the greatest position in the table, 0 for an empty one."""
        return float(self._connection.execute(f"select coalesce(max(position), 0) from {self._name}").fetchone()[0])

    def _stored(self, values: Row) -> Parameters:
        return [stored(field_of(self.table, name), value) for name, value in values.items()]


def _comparable(one: Field, value: Any) -> Any:
    if type(value) not in (str, int, float, bool):
        raise BadValue("wrong_type", f"`where` compares `{one.name}` with {value!r:.60}. Expected a text or a number.")
    if type(value) is int and abs(value) > 2**63 - 1:
        raise BadValue("bad_value", f"`where` compares `{one.name}` with a number of more than 64 bits.")
    return value
