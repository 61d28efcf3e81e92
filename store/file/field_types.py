"""How the store keeps the values of each field type: its column in SQLite, and the way in and out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.field_types import TypeName

written = json.JSONEncoder(ensure_ascii=False).encode
"""Returns a value as JSON text. `json.dumps` would create an encoder for each value."""


def unchanged(value: Any) -> Any:
    """Return the value as it is."""
    return value


def json_or_text(text: Any) -> Any:
    """Return what a JSON text says; what is no JSON as it is: one such value must not hide the other rows."""
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return text


@dataclass(frozen=True, slots=True)
class Column:
    """A type in SQLite."""

    sql: str
    """Its column type."""
    stored: Callable[[Any], Any] = unchanged
    """Returns a checked value as SQLite keeps it."""
    read: Callable[[Any], Any] = unchanged
    """Returns a value of SQLite as messages carry it."""
    has_range: bool = False
    """A `where` may ask for values from one to another."""


COLUMNS: dict[TypeName, Column] = {
    "text": Column("text"),
    "integer": Column("integer", has_range=True),
    "real": Column("real", has_range=True),
    "boolean": Column("integer", read=bool),
    "json": Column("text", stored=written, read=json_or_text),
    "time": Column("real", has_range=True),
}
