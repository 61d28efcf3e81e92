"""The three example rows of a new app: those that the model wrote, as far as they fit; else plain ones. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any

from apps.tables import BadValue, Field, Row, Table
from apps.types.kinds import Misfit
from services.agent.own.declare import MOST_EXAMPLES, noun_of
from services.agent.parse.arguments import fitted, writable_fields

NUMBER = re.compile(r"-?\d{1,15}(?:[.,]\d{1,6})?")
NOTHING = (None, "", "-", "–", "n/a", "none", "null")


def example_rows(table: Table, written: Iterable[Any]) -> list[Row]:
    """Return three rows. `written`: each a list of values in the order of the fields, or a map by labels."""
    rows = [row for one in written if (row := _row(table, one))]
    plain = (_plain_row(table, number) for number in count(1))
    while len(rows) < MOST_EXAMPLES:
        rows.append(next(plain))
    return rows[:MOST_EXAMPLES]


def _row(table: Table, written: Any) -> Row:
    """Return a row of what was written, without the values that do not fit; {} if it has no title then."""
    fields = writable_fields(table)
    if type(written) is dict:
        pairs = [
            (field, value) for name, value in written.items() if (field := table.field_called(str(name))) in fields
        ]
    else:
        pairs = list(zip(fields, written, strict=False))
    row = {field.name: value for field, given in pairs if field and (value := _value(field, given)) is not None}
    needed = [one.name for one in table.fields if one.required]
    return row if row and all(row.get(name) for name in needed) else {}


def _value(field: Field, given: Any) -> Any:
    """Return a value as the field takes it; None where it does not fit."""
    if field.kind.is_link or given in NOTHING:
        return None
    tries = [given]
    if type(given) is str and field.type in ("integer", "real") and (found := NUMBER.search(given)):
        tries.append(found[0].replace(",", "."))
    for one in tries:
        try:
            return fitted(field, one)
        except (BadValue, Misfit, ValueError):
            continue
    return None


def _plain_row(table: Table, number: int) -> Row:
    noun = noun_of(table.label or table.name.replace("_", " "))
    title = f"{noun[:1].upper()}{noun[1:]} {number}"
    fields = [
        one for one in writable_fields(table) if one.required or one.choices or one.type in ("date", "integer", "real")
    ]
    values = ((field, _plain_value(field, number, title)) for field in fields)
    return {field.name: value for field, value in values if value is not None}


def _plain_value(field: Field, number: int, title: str) -> Any:
    if field.choices:
        return _cycled(field.choices, number)
    given: dict[str, Any] = {
        "text": title,
        "markdown": title,
        "integer": number,
        "real": float(number),
        "date": (date.today() + timedelta(days=number)).isoformat(),
        "boolean": False,
        "tags": [title],
    }
    return _value(field, given.get(field.type))


def _cycled(choices: Sequence[str], number: int) -> str:
    return choices[(number - 1) % len(choices)]
