"""Change the columns of a declared table without losing a value.

The column of a field that was removed, or got another type, is kept under another name: `due$text` holds what `due` was
as a text. Fields cannot be named so. A field that comes back gets its column back. A field that gets its former type
again gets its former values, too, where nobody has changed them since. So a change of shape and its undo lose nothing.
"""

import sqlite3
from typing import TYPE_CHECKING, Any

from apps.tables import BadValue, Field, Row, Table
from store.file.columns import quoted, read, stored
from store.file.shape import column
from store.file.types import COLUMNS
from store.file.upgrade import TableUpgrade
from store.own.conversion import as_text, converted
from store.tables.rows import PARKED

if TYPE_CHECKING:
    from sqlite_utils import Database

MOST_TOLD = 3
"""Rows that a refusal names."""
LONGEST_VALUE = 40


def reshape(database: "Database", new: Table, old: Table | None) -> None:
    """Bring the columns of a table to a new declaration. `old`: the one until now; None: not known.

    Raises `BadValue` with the rows whose values do not fit a new type; then the transaction must be rolled back.
    """
    found = database.table(new.name)
    if not found.exists():
        return
    columns = {one.name: one.type.lower() for one in found.columns}
    changes = Changes(database, new)
    declared = old.all_fields if old else {}
    for one in declared.values():
        if one.name not in new.all_fields and one.name in columns:
            changes.rename(one.name, parked(one))
    for one in new.all_fields.values():
        before = declared.get(one.name) if old else _as_found(one, columns)
        if before is not None and before.type != one.type:
            changes.retype(before, one)
        elif one.name not in changes.names and parked(one) in changes.names:
            changes.rename(parked(one), one.name)


def parked(one: Field) -> str:
    """Return the name of the column that keeps the values of a field that is not declared any more."""
    return f"{one.name}{PARKED}{one.type}"


def _as_found(one: Field, columns: dict[str, str]) -> Field | None:
    """Return what a column of an unknown declaration can have been: the same type, if SQLite keeps it alike."""
    sql = columns.get(one.name)
    if sql is None or sql == COLUMNS[one.type].sql:
        return one if sql else None
    alike: Any = sql if sql in ("text", "integer", "real") else "text"
    return Field(one.name, alike)


class Changes:
    """Changes the columns of one table."""

    def __init__(self, database: "Database", table: Table) -> None:
        """`table`: as it is to be."""
        self._database = database
        self._table = table
        self._upgrade = TableUpgrade(database)
        self.names = set(database.table(table.name).columns_dict)

    def rename(self, column_name: str, to: str) -> None:
        """Give a column another name. The text indexes are made again by `store.file.shape`."""
        self._upgrade.drop_indexes(self._table.name)
        name = quoted(self._table.name)
        self._database.execute(f"alter table {name} rename column {quoted(column_name)} to {quoted(to)}")
        self.names = self.names - {column_name} | {to}

    def retype(self, old: Field, new: Field) -> None:
        """Convert the values of a field; the old ones stay, parked."""
        rows = self._values(old, new)
        converted_values = self._converted(rows, old, new)
        self.rename(new.name, parked(old))
        name = quoted(self._table.name)
        if parked(new) in self.names:
            self.rename(parked(new), new.name)
        else:
            self._database.execute(f"alter table {name} add column {column(new)}")
            self.names.add(new.name)
        sql = f"update {name} set {quoted(new.name)} = ? where id = ?"
        connection: sqlite3.Connection = self._database.conn
        connection.executemany(sql, [(stored(new, value), key) for key, value in converted_values.items()])

    def _values(self, old: Field, new: Field) -> list[tuple[int, str, Any, Any]]:
        """Return of each row its id, its title, the value, and the value that it had when the field had this type."""
        title = next((one.name for one in self._titles() if one.name in self.names), "id")
        former = quoted(parked(new)) if parked(new) in self.names else "null"
        sql = f"select id, {quoted(title)}, {quoted(old.name)}, {former} from {quoted(self._table.name)}"
        return [
            (key, str(name), read(old, value), None if kept is None else read(new, kept))
            for key, name, value, kept in self._database.execute(sql)
        ]

    def _titles(self) -> list[Field]:
        texts = [one for one in self._table.fields if one.kind.is_text]
        return sorted(texts, key=lambda one: not one.required)

    def _converted(self, rows: list[tuple[int, str, Any, Any]], old: Field, new: Field) -> Row:
        made: dict[Any, Any] = {}
        unfit: list[str] = []
        for key, title, value, former in rows:
            if former is not None and _still(former, value, old, new):
                made[key] = former
                continue
            try:
                made[key] = converted(value, old, new)
            except BadValue:
                text = as_text(value, old)
                unfit.append(f"“{title}” ({text[:LONGEST_VALUE]}{'…' if len(text) > LONGEST_VALUE else ''})")
        if unfit:
            more = f" and {len(unfit) - MOST_TOLD:,} more" if len(unfit) > MOST_TOLD else ""
            raise BadValue(
                "bad_value",
                f"`{new.name}` of `{self._table.name}` cannot become {new.type}: the values of "
                f"{', '.join(unfit[:MOST_TOLD])}{more} do not fit. Correct them first, or add a new field.",
            )
        return made


def _still(former: Any, value: Any, old: Field, new: Field) -> bool:
    """Return whether a value is what the conversion has made of the former one: nobody has changed it since."""
    try:
        return bool(converted(former, new, old) == value)
    except BadValue:
        return False
