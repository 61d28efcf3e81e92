"""Find the arguments of an instruction under the keys that models use, and convert them to the table's types. Pure.

A value is converted only when it has one meaning ("3" for a whole number, "yes" for true). Others are refused with the
reason.
"""

import re
from typing import Any

from apps.tables import Field, Row, Table
from apps.types.reader import HERE, Reader
from bus.errors import PianolaError
from services.agent.parse.normalise import Unclear, arguments_of
from services.agent.parse.types import MODEL_TYPES

KEYS = {
    "values": ("values", "value", "data", "fields", "row", "record", "item", "set", "changes", "new_values"),
    "id": ("id", "ids", "row_id", "rowid", "row", "key"),
    "text": ("text", "query", "words", "q", "term"),
    "field": ("field", "column"),
    "after": ("after", "behind"),
    "app": ("app", "name"),
}
"""The keys under which models write each argument. The first key is ours."""
RESERVED_KEYS = {"operation", "table", "where", "limit", "offset", "sort"}
"""Keys with a meaning of their own. They are not fields of a row."""
IGNORED_KEYS = {
    "reason", "comment", "explanation", "thought", "thoughts", "note", "message", "description", "say", "response",
    "type", "index", "step", "app",
}  # fmt: skip
"""Keys that models add to an instruction as an explanation. They are not fields of a row."""

ELLIPSES = ("…", "...")
"""What stands in our examples for a text."""

NUMBERED = re.compile(r"\s*(?:id\s*:?|#)?\s*(\d{1,18})\s*", re.ASCII | re.IGNORECASE)


class BadInstruction(PianolaError):
    """The instruction cannot be carried out. The user and the model read the sentence; the model may try again."""


def argument(instruction: Row, name: str) -> Any:
    """Return an argument, whichever of its keys was used; None when it is missing."""
    return next((instruction[key] for key in KEYS[name] if key in instruction), None)


def values_of(instruction: Row, table: Table, reader: Reader = HERE, *, inserting: bool = False) -> Row:
    """Return the checked values of a row. The model may have written the fields in `values` or beside `operation`."""
    values = {}
    for name, value in _raw_values(instruction, table).items():
        if name in ("profile", "id") or (inserting and value is None):
            continue
        field = field_of(table, name)
        if type(value) is str and value.strip() in ELLIPSES:
            raise BadInstruction(f"`{field.called}` is {value!r}. Expected the text itself, not what stands for one.")
        values[field.name] = fitted(field, value, reader)
    return values


def _raw_values(instruction: Row, table: Table) -> Row:
    for key in KEYS["values"]:
        value = _parse_if_json(instruction.get(key))
        if key in instruction and type(value) is dict:
            return value
        if key == "values" and value is not None:
            raise BadInstruction("`values` must map fields to their values.")
    if type(instruction.get("field")) is str and "value" in instruction:
        return {instruction["field"]: instruction["value"]}
    known = {*KEYS["id"], *RESERVED_KEYS, *IGNORED_KEYS}
    return {name: value for name, value in instruction.items() if name not in known or table.field_called(name)}


def _parse_if_json(value: Any) -> Any:
    """Return the object in a text that contains JSON (models put JSON into JSON), and any other value as it is."""
    if type(value) is str and value.lstrip().startswith("{"):
        try:
            return arguments_of(value)
        except Unclear as unclear:
            raise BadInstruction(str(unclear)) from unclear
    return value


def fitted(field: Field, value: Any, reader: Reader = HERE) -> Any:
    """Return a value as the field takes it, or raise `BadValue`. `reader`: whose words the model has heard."""
    return field.checked(MODEL_TYPES[field.type].convert(field, value, reader))


def writable_fields(table: Table) -> tuple[Field, ...]:
    """Return the fields that the model may write: all but times, which the store sets."""
    return tuple(one for one in table.fields if not one.kind.set_by_store)


def field_of(table: Table, name: Any) -> Field:
    """Return a field that the model may write, by its name or label, or raise `BadInstruction`."""
    fields = writable_fields(table)
    found = table.field_called(name) if type(name) is str else None
    if found is None or found not in fields:
        names = ", ".join(one.called for one in fields)
        raise BadInstruction(f"`{table.name}` has no field {name!r:.60} that you may use. It has: {names}.")
    return found


def where_of(instruction: Row, table: Table, reader: Reader = HERE) -> Row:
    """Return the checked condition of an instruction, without the id and the profile."""
    where = instruction.get("where") or {}
    if type(where) is not dict:
        raise BadInstruction("`where` must map fields to the values that they must have.")
    fields = {name: value for name, value in where.items() if name not in ("profile", "id")}
    return {field_of(table, name).name: fitted(field_of(table, name), value, reader) for name, value in fields.items()}


def title_in_place_of_id(instruction: Row, table: Table) -> Row:
    """Return the condition that a row has the title which stands where its id belongs; {} if no title stands there."""
    title = argument(instruction, "id")
    field = next((one for one in writable_fields(table) if one.kind.is_text), None)
    if table.keyed or field is None or type(title) is not str or instruction.get("where"):
        return {}
    is_title = title.strip()[:1].isalpha() and not NUMBERED.fullmatch(title)
    return {field.name: title.strip()} if is_title else {}


def id_of(instruction: Row, table: Table) -> int | str:
    """Return the id of the row that the instruction is about, or raise `BadInstruction`."""
    key = argument(instruction, "id")
    where = instruction.get("where")
    if key is None and type(where) is dict:
        key = where.get("id")
    if key is None and type(instruction.get("values")) is dict:
        key = instruction["values"].get("id")
    if not table.keyed:
        return whole_number(key, "id", least=1)
    if type(key) is not str or not key:
        raise BadInstruction(f"`id` is {key!r:.60}. Expected the id of a row of `{table.name}`, a text.")
    return key


def whole_number(value: Any, name: str, least: int) -> int:
    """Return a whole number of at least `least`, also from "3", "#3" or "id: 3"; or raise `BadInstruction`."""
    if type(value) is str and (number := NUMBERED.fullmatch(value)):
        value = int(number[1])
    if type(value) is float and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if type(value) is not int or not least <= value < 2**63:
        raise BadInstruction(f"`{name}` is {value!r:.60}. Expected the id of a row that you were shown.")
    return value
