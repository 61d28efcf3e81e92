"""How the store keeps the values of each field type: its column in SQLite, and the way in and out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.types import TypeName
from apps.types.numbers import LARGEST_INTEGER

written = json.JSONEncoder(ensure_ascii=False).encode
"""Returns a value as JSON text. `json.dumps` would create an encoder for each value."""


def _small(number: str) -> int:
    """Return an integer, if a message can carry it."""
    if not -LARGEST_INTEGER - 1 <= (value := int(number)) <= LARGEST_INTEGER:
        raise ValueError(f"{number:.20} … is too large")
    return value


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


parsed = json.JSONDecoder(parse_int=_small, parse_constant=_no_number).decode


def read_json(text: Any) -> Any:
    """Return the value that a JSON text stands for; what is no JSON as it is.

    The column may have been declared as text before, and the rows that were written then must still be readable.
    """
    try:
        return parsed(text)
    except (TypeError, ValueError, RecursionError):
        return text


def unchanged(value: Any) -> Any:
    """Return the value as it is."""
    return value


def as_text(value: Any) -> Any:
    """Return the value of a text field as it is. An undo may bring back one from when the field was JSON."""
    return written(value) if value is None or type(value) in (dict, list) else value


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
    "text": Column("text", stored=as_text),
    "integer": Column("integer", has_range=True),
    "real": Column("real", has_range=True),
    "boolean": Column("integer", read=bool),
    "json": Column("text", stored=written, read=read_json),
    "time": Column("real", has_range=True),
}
