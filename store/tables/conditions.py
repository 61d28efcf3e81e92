"""A `where` map as SQL: identifiers come from declared tables only, values only as parameters."""

from typing import Any

from apps.tables import BadValue, Field, Row, Table
from apps.types.numbers import LARGEST_INTEGER
from store.file.columns import field_of, key_of, quoted, stored
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
        clause, values = _range(one, wanted) if type(wanted) is dict else _among(table, one, wanted)
        clauses.append(clause)
        parameters += values
    return (" where " + " and ".join(clauses) if clauses else ""), parameters


def _among(table: Table, one: Field, wanted: Any) -> tuple[str, Parameters]:
    values = wanted if type(wanted) is list else [wanted]
    if len(values) > MOST_VALUES:
        raise BadValue("bad_value", f"`where` lists {len(values):,} values for `{one.name}`, at most {MOST_VALUES:,}.")
    given = [_comparable(one, value) for value in values if value is not None or not one.may_be_none]
    if COLUMNS[one.type].is_list:
        column = f"{quoted(table.name)}.{quoted(one.name)}"  # json_each has columns of its own, like `parent`
        found = f"exists (select 1 from json_each({column}) where value in ({_marks(given)}))"
    elif _by_key(one):
        given = [one.kind.sort_key(one.fitted(value)) for value in given]
        found = f"{key_of(one, quoted(one.name))} in ({_marks(given)})"
    else:
        given = [stored(one, value) for value in given]
        found = f"{quoted(one.name)} in ({_marks(given)})"
    return (f"({found} or {quoted(one.name)} is null)" if len(given) < len(values) else found), given


def _marks(values: Parameters) -> str:
    return ", ".join("?" * len(values))


def _by_key(one: Field) -> bool:
    """Return whether values of this type can be equal although they are written differently."""
    return one.kind.is_ordered and bool(COLUMNS[one.type].function)


def _range(one: Field, wanted: Row) -> tuple[str, Parameters]:
    if not COLUMNS[one.type].has_range or not wanted or not wanted.keys() <= BOUNDS.keys():
        expected = "a text or a number, or for what can be compared a map with `from`, `to` or both"
        raise BadValue("wrong_type", f"`where` compares `{one.name}` with {wanted!r:.60}. Expected {expected}.")
    key = key_of(one, quoted(one.name))
    if not one.may_be_none:
        return " and ".join(f"{key} {BOUNDS[name]} ?" for name in wanted), [
            _comparable(one, value, (int, float)) for value in wanted.values()
        ]
    bounds = {name: one.fitted(value) for name, value in wanted.items()}
    keys = [(BOUNDS[name], one.kind.sort_key(value)) for name, value in bounds.items()]
    if one.kind.unit_keys:  # amounts of another currency are neither less nor more
        low, high = one.kind.unit_keys(next(iter(bounds.values())))
        keys += [(">=", low), ("<=", high)]
    return " and ".join(f"{key} {sign} ?" for sign, _ in keys), [value for _, value in keys]


def _comparable(one: Field, value: Any, types: tuple[type, ...] = (str, int, float, bool)) -> Any:
    if type(value) not in types:
        expected = "a text or a number" if str in types else "a number"
        raise BadValue("wrong_type", f"`where` compares `{one.name}` with {value!r:.60}. Expected {expected}.")
    if type(value) is int and not -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER:
        raise BadValue("bad_value", f"`where` compares `{one.name}` with a number of more than 64 bits.")
    return value
