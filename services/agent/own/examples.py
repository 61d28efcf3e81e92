"""The three example rows of a new app: those that the model wrote, as far as they fit; else plain ones. Pure."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from apps.names import without_article
from apps.tables import BadValue, Field, Row, Table
from apps.types.kinds import Misfit
from apps.types.reader import HERE, Reader
from services.agent.own.declare import MOST_EXAMPLES
from services.agent.parse.arguments import fitted, writable_fields
from services.agent.parse.types import MODEL_TYPES

NOTHING = (None, "", "-", "–", "n/a", "none", "null")


def example_rows(table: Table, written: Iterable[Any], reader: Reader = HERE) -> list[Row]:
    """Return three rows.

    `written`: each a list of values in the order of the fields, or a map by labels. `reader`: whose app it is.
    """
    rows = [row for one in written if (row := _row(table, one, reader))]
    plain = (_plain_row(table, number) for number in count(1))
    while len(rows) < MOST_EXAMPLES:
        rows.append(next(plain))
    return rows[:MOST_EXAMPLES]


def _row(table: Table, written: Any, reader: Reader) -> Row:
    """Return a row of what was written, without the values that do not fit; {} if it has no title then."""
    fields = writable_fields(table)
    if type(written) is dict:
        pairs = [
            (field, value) for name, value in written.items() if (field := table.field_called(str(name))) in fields
        ]
    else:
        pairs = list(zip(fields, written, strict=False))
    row = {field.name: value for field, given in pairs if field and (value := _value(field, given, reader)) is not None}
    needed = [one.name for one in table.fields if one.required]
    return row if row and all(row.get(name) for name in needed) else {}


def _value(field: Field, given: Any, reader: Reader = HERE) -> Any:
    """Return a value as the field takes it; None where it does not fit."""
    if field.kind.is_link or given in NOTHING:
        return None
    tries = [given]
    spoken = MODEL_TYPES[field.type].spoken
    if type(given) is str and spoken and (found := spoken.search(given)):
        tries.append(found[0].replace(",", "."))
    for one in tries:
        try:
            return fitted(field, one, reader)
        except (BadValue, Misfit, ValueError):
            continue
    return None


def _plain_row(table: Table, number: int) -> Row:
    noun = without_article(table.label or table.name.replace("_", " "))
    title = f"{noun[:1].upper()}{noun[1:]} {number}"
    texts = [one for one in table.fields if one.kind.is_text and not one.required and not one.choices]
    fields = [one for one in writable_fields(table) if one not in texts]
    values = ((one, _value(one, _sample(one, title, number))) for one in fields)
    return {field.name: value for field, value in values if value is not None}


def _sample(field: Field, title: str, number: int) -> Any:
    if field.choices:
        return field.choices[(number - 1) % len(field.choices)]
    return MODEL_TYPES[field.type].sample(title, number)
