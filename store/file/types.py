"""How the store keeps the values of each field type: its column in SQLite, and the way in and out."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.shown.days import day_of, first_day
from apps.types import FIELD_TYPES, TypeName
from apps.types.numbers import LARGEST_INTEGER
from apps.types.reader import HERE, zone_named

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


def written_or_none(value: Any) -> Any:
    """Return a list as JSON; none as it is."""
    return None if value is None else written(value)


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
    is_list: bool = False
    """Its values are lists, kept as JSON: a `where` asks for one of their values."""
    function: str = ""
    """The SQL function that returns the sort key of a stored value; "" when SQLite sorts the values rightly itself."""


COLUMNS: dict[TypeName, Column] = {
    "text": Column("text", stored=as_text, function="sort_key"),
    "integer": Column("integer", has_range=True),
    "real": Column("real", has_range=True),
    "boolean": Column("integer", read=bool),
    "json": Column("text", stored=written, read=read_json),
    "time": Column("real", has_range=True),
    "date": Column("text", has_range=True),
    "moment": Column("text", has_range=True, function="moment_key"),
    "when": Column("text", has_range=True, function="when_key"),
    "repeat": Column("text"),
    "duration": Column("integer", has_range=True),
    "money": Column("text", has_range=True, function="money_key"),
    "tags": Column("text", stored=written_or_none, read=read_json, is_list=True, function="tags_key"),
    "web": Column("text", function="sort_key"),
    "mail": Column("text", function="sort_key"),
    "markdown": Column("text", function="sort_key"),
    "link": Column("text", stored=written_or_none, read=read_json, is_list=True, function="link_key"),
}


def add_key_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that return sort keys, by which rows are sorted and found, and those of sums."""
    made = {column.function: _key_of(column, FIELD_TYPES[name].sort_key) for name, column in COLUMNS.items()}
    for function, key in made.items():
        if function:
            connection.create_function(function, 1, key, deterministic=True)
    connection.create_function("span_of", 4, span_of, deterministic=True)
    for name, kind in FIELD_TYPES.items():
        if kind.sum_up:
            connection.create_aggregate(sum_function(name), 1, _sum_class(kind.sum_up))


def span_of(name: TypeName, value: Any, unit: str, zone: str) -> str | None:
    """Return the first day (`YYYY-MM-DD`) of the span in which a value lies in a zone; None for none."""
    day = day_of(FIELD_TYPES[name], value, zone_named(zone) or HERE.zone)
    return first_day(day, unit).isoformat() if day else None


def sum_function(name: TypeName) -> str:
    """Return the SQL function that adds up values of a type; it returns JSON, as a sum of money has several amounts."""
    return f"{name}_sum"


def _sum_class(sum_up: Callable[[list[Any]], Any]) -> type:
    """Return the aggregate of SQLite for a type whose values can be added up."""

    class Sum:
        def __init__(self) -> None:
            self.values: list[Any] = []

        def step(self, value: Any) -> None:
            if value is not None:
                self.values.append(value)

        def finalize(self) -> str:
            return written(sum_up(self.values))

    return Sum


def _key_of(column: Column, sort_key: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the SQL function of a sort key. What is no value of the type (an older one) sorts as it is."""

    def key(value: Any) -> Any:
        try:
            return None if value is None else sort_key(column.read(value))
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError):
            return value

    return key
