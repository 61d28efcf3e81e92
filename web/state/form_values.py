"""Converts the texts that a form sends to the types of a table's fields."""

import json
from typing import Any

from apps.tables import BadValue, Field

YES = ("true", "on", "1", "yes")
NO = ("false", "off", "0", "no", "")


def from_form(field: Field, value: Any) -> Any:
    """Return the value in the field's type, or raise `BadValue`. The store checks values that are not text."""
    if type(value) is not str or field.type == "text":
        return value
    try:
        return READ[field.type](value.strip())
    except (ValueError, RecursionError):
        raise BadValue("wrong_type", f"`{field.name}` is {value!r:.60}. Expected: {EXPECTED[field.type]}.") from None


def _boolean(text: str) -> bool:
    if text.lower() not in YES + NO:
        raise ValueError(text)
    return text.lower() in YES


READ: dict[str, Any] = {
    "integer": int,
    "real": float,
    "time": float,
    "boolean": _boolean,
    "json": json.loads,
}

EXPECTED = {
    "integer": "a whole number",
    "real": "a number",
    "time": "a number of seconds",
    "boolean": "true or false",
    "json": "JSON",
}
