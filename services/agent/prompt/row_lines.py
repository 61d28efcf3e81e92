"""A row as one line for the model: its texts in quotes, so that no text can pass for a value beside it. Pure."""

import json
from typing import Any

from apps.tables import Field, Row, Table
from apps.types.reader import HERE, Reader
from services.agent.parse.types import MODEL_TYPES
from services.agent.prompt.describe import one_line, value_text


def row_line(row: Row, table: Table, max_value: int = 0, *, reader: Reader = HERE) -> str:
    """Return a row as `id 3: "milk", done: no`. `max_value`: characters of a value; 0: `MAX_VALUE`."""
    return with_id(row["id"], row_values(row, table, max_value, reader=reader))


def with_id(key: int | str, values: str) -> str:
    """Return the line of a row. The word "id" is there because small models then copy the right number."""
    return f"id {key}: {values}"


def row_values(row: Row, table: Table, max_value: int = 0, *, reader: Reader = HERE) -> str:
    """Return the values of a row as `"milk", done: no`: first its title, without a name, then the other fields.

    What is none is left out: a list of many fields, most of them none, would say little in many words.
    """
    shown = [one for one in table.fields if not one.kind.set_by_store]
    title = next((one.name for one in shown if one.kind.is_text), "")
    first = [quoted(value_text(row.get(title, ""), max_value))] if title else []
    rest = [
        f"{one.called}: {_value(row.get(one.name), one, max_value, reader)}"
        for one in shown
        if one.name != title and _says(row, one)
    ]
    return ", ".join([*first, *rest])


def _says(row: Row, field: Field) -> bool:
    """Return whether a value says something: none does not, where rows begin with it."""
    return row.get(field.name) is not None or not field.kind.may_be_none


def quoted(text: str) -> str:
    """Return a text in double quotes, as JSON has it."""
    return json.dumps(text, ensure_ascii=False)


def _value(value: Any, field: Field, max_value: int, reader: Reader) -> str:
    if value is None or value == "":
        return "-"
    text = value_text(MODEL_TYPES[field.type].show(value, reader), max_value)
    return quoted(text) if field.kind.is_text and not field.choices else one_line(text)
