"""Converts the text of a form or of a cell in a file to the type of a field."""

from collections.abc import Callable
from typing import Any

from apps.tables import BadValue, Field
from web.state.types import PAGE_TYPES


def from_form(field: Field, value: Any) -> Any:
    """Return the value in the field's type, or raise `BadValue`. The store checks values that are not text."""
    kind = PAGE_TYPES[field.type]
    if type(value) is not str or field.kind.is_text:
        return value
    return converted(field, value.strip(), kind.from_form, kind.expected)


def from_cell(field: Field, text: str) -> Any:
    """Return the value of a cell, or raise `BadValue`."""
    kind = PAGE_TYPES[field.type]
    if kind.from_cell is None:
        return from_form(field, text)
    return converted(field, text, kind.from_cell, kind.expected_in_cell or kind.expected)


def converted(field: Field, text: str, convert: Callable[[str], Any], expected: str) -> Any:
    """Return what `convert` makes of a text, or raise `BadValue` that says what was expected."""
    try:
        return convert(text)
    except (ValueError, RecursionError):
        raise BadValue("wrong_type", f"`{field.name}` is {text!r:.60}. Expected: {expected}.") from None
