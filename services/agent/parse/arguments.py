"""The arguments of an instruction: found under the keys that models use, and brought into the types of the table. Pure.

Only what has one meaning is converted ("3" for a whole number, "yes" for true); else it is refused with the reason.
"""

import re
from typing import Any

from apps.tables import Field, Row, Table
from bus.errors import PianolaError
from services.agent.parse.field_types import MODEL_TYPES
from services.agent.parse.normalise import Unclear, arguments_of

KEYS = {
    "values": ("values", "value", "data", "fields", "row", "record", "item", "set", "changes", "new_values"),
    "id": ("id", "ids", "row_id", "rowid", "row", "key"),
    "text": ("text", "query", "words", "q", "term"),
    "field": ("field", "column"),
    "after": ("after", "behind"),
    "app": ("app", "name"),
}
"""What models write for the argument; the first is ours."""
OWN = {"operation", "table", "where", "limit", "offset", "sort"}
CHATTER = {
    "reason", "comment", "explanation", "thought", "thoughts", "note", "message", "description", "say", "response",
    "type", "index", "step", "app",
}  # fmt: skip
"""What models add to an instruction for people, or for nobody: it changes nothing."""

NUMBERED = re.compile(r"\s*(?:id\s*:?|#)?\s*(\d{1,18})\s*", re.ASCII | re.IGNORECASE)


class BadInstruction(PianolaError):
    """The model's instruction cannot be carried out; the sentence is for the user, and for the model to do better."""


def argument(instruction: Row, name: str) -> Any:
    """Return an argument by any of its names; None when it was not given."""
    return next((instruction[key] for key in KEYS[name] if key in instruction), None)


def values_of(instruction: Row, table: Table, *, inserting: bool = False) -> Row:
    """Return the checked values of a row, also when the model wrote the fields beside the operation."""
    given = _given(instruction, table)
    values = {}
    for name, value in given.items():
        if name in ("profile", "id") or (inserting and value is None):
            continue
        values[name] = fitted(field_of(table, name), value)
    return values


def _given(instruction: Row, table: Table) -> Row:
    for key in KEYS["values"]:
        value = _opened(instruction.get(key))
        if key in instruction and type(value) is dict:
            return value
        if key == "values" and value is not None:
            raise BadInstruction("`values` must map fields to their values.")
    if type(instruction.get("field")) is str and "value" in instruction:
        return {instruction["field"]: instruction["value"]}
    known = {*KEYS["id"], *OWN, *CHATTER} - {one.name for one in written(table)}
    return {name: value for name, value in instruction.items() if name not in known}


def _opened(value: Any) -> Any:
    """Return the object in a text: models put JSON into JSON."""
    if type(value) is str and value.lstrip().startswith("{"):
        try:
            return arguments_of(value)
        except Unclear as unclear:
            raise BadInstruction(str(unclear)) from unclear
    return value


def fitted(field: Field, value: Any) -> Any:
    """Return a value as the field takes it, or raise `BadValue`."""
    return field.checked(MODEL_TYPES[field.type].convert(field, value))


def written(table: Table) -> tuple[Field, ...]:
    """Return the fields that the model may write: times are set by the store."""
    return tuple(one for one in table.fields if not one.kind.set_by_store)


def field_of(table: Table, name: Any) -> Field:
    """Return a field that the model may write, or raise `BadInstruction`."""
    fields = written(table)
    found = next((one for one in fields if one.name == name), None)
    if found is None and type(name) is str:
        found = next((one for one in fields if one.name == name.strip().lower()), None)
    if found is None:
        names = ", ".join(one.name for one in fields)
        raise BadInstruction(f"`{table.name}` has no field {name!r:.60} that you may use. It has: {names}.")
    return found


def where_of(instruction: Row, table: Table) -> Row:
    """Return the checked condition of an instruction, without the id."""
    where = instruction.get("where") or {}
    if type(where) is not dict:
        raise BadInstruction("`where` must map fields to the values that they must have.")
    fields = {name: value for name, value in where.items() if name not in ("profile", "id")}
    return {field_of(table, name).name: fitted(field_of(table, name), value) for name, value in fields.items()}


def id_of(instruction: Row, table: Table) -> int | str:
    """Return the id of the row that is meant, or raise `BadInstruction`."""
    key = argument(instruction, "id")
    where = instruction.get("where")
    if key is None and type(where) is dict:
        key = where.get("id")
    if key is None and type(instruction.get("values")) is dict:
        key = instruction["values"].get("id")
    if not table.keyed:
        return whole(key, "id", least=1)
    if type(key) is not str or not key:
        raise BadInstruction(f"`id` is {key!r:.60}. Expected the id of a row of `{table.name}`, a text.")
    return key


def whole(value: Any, name: str, least: int) -> int:
    """Return the number of a row, or raise `BadInstruction`."""
    if type(value) is str and (number := NUMBERED.fullmatch(value)):
        value = int(number[1])
    if type(value) is float and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if type(value) is not int or not least <= value < 2**63:
        raise BadInstruction(f"`{name}` is {value!r:.60}. Expected the id of a row that you were shown.")
    return value
