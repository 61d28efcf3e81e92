"""A declared field as a column of SQLite: its name in SQL, and its values when written and read."""

import json
from typing import Any

from apps.tables import BadValue, Field, Table

written = json.JSONEncoder(ensure_ascii=False).encode
"""Returns a value as JSON text. `json.dumps` would create an encoder for each value."""


def stored(one: Field, value: Any) -> Any:
    """Return a checked value as SQLite keeps it."""
    return written(value) if one.type == "json" else value


def read(one: Field, value: Any) -> Any:
    """Return a value of SQLite as messages carry it."""
    if one.type == "boolean":
        return bool(value)
    return json.loads(value) if one.type == "json" else value


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
