"""A declared field as a column of SQLite: its name in SQL, and its values when written and read."""

from typing import Any

from apps.tables import BadValue, Field, Table
from store.file.types import COLUMNS


def stored(one: Field, value: Any) -> Any:
    """Return a checked value as SQLite keeps it."""
    return None if value is None and one.none else COLUMNS[one.type].stored(value)


def read(one: Field, value: Any) -> Any:
    """Return a value of SQLite as messages carry it."""
    return None if value is None and one.none else COLUMNS[one.type].read(value)


def key_of(one: Field, sql: str) -> str:
    """Return the SQL of the sort key of a field's value; `sql`: the value, in SQL."""
    function = COLUMNS[one.type].function
    return f"{function}({sql})" if function else sql


def quoted(name: str) -> str:
    """Return an identifier, quoted for SQL. It must come from a declared table."""
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
