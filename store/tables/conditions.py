"""A `where` map as SQL: identifiers come from declared tables only, values only as parameters."""

from typing import Any

from apps.tables import BadValue, Field, Row, Table
from apps.types.numbers import LARGEST_INTEGER
from store.file.columns import field_of, quoted, stored
from store.file.types import COLUMNS

Parameters = list[Any]

MOST_VALUES = 1_000
"""Most values in the list of one field."""
BOUNDS = {"from": ">=", "to": "<="}


def condition(table: Table, where: Row) -> tuple[str, Parameters]:
    """Return the SQL (" where …", or "" for all rows) and its parameters. Each entry is a value, a list, or a range."""
    clauses, parameters = list[str](), Parameters()
    for name, wanted in where.items():
        one = field_of(table, name)
        clause, values = _range(one, wanted) if type(wanted) is dict else _among(one, wanted)
        clauses.append(clause)
        parameters += values
    return (" where " + " and ".join(clauses) if clauses else ""), parameters


def _among(one: Field, wanted: Any) -> tuple[str, Parameters]:
    values = wanted if type(wanted) is list else [wanted]
    if len(values) > MOST_VALUES:
        raise BadValue("bad_value", f"`where` lists {len(values):,} values for `{one.name}`, at most {MOST_VALUES:,}.")
    return f"{quoted(one.name)} in ({', '.join('?' * len(values))})", [
        stored(one, _comparable(one, value)) for value in values
    ]


def _range(one: Field, wanted: Row) -> tuple[str, Parameters]:
    if not COLUMNS[one.type].has_range or not wanted or not wanted.keys() <= BOUNDS.keys():
        expected = "a text or a number, or for a number or time a map with `from`, `to` or both"
        raise BadValue("wrong_type", f"`where` compares `{one.name}` with {wanted!r:.60}. Expected {expected}.")
    clauses = [f"{quoted(one.name)} {BOUNDS[name]} ?" for name in wanted]
    return " and ".join(clauses), [_comparable(one, value, (int, float)) for value in wanted.values()]


def _comparable(one: Field, value: Any, types: tuple[type, ...] = (str, int, float, bool)) -> Any:
    if type(value) not in types:
        expected = "a text or a number" if str in types else "a number"
        raise BadValue("wrong_type", f"`where` compares `{one.name}` with {value!r:.60}. Expected {expected}.")
    if type(value) is int and not -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER:
        raise BadValue("bad_value", f"`where` compares `{one.name}` with a number of more than 64 bits.")
    return value
