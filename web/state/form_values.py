"""Converts the text of a form or of a cell in a file to the type of a field."""

from typing import Any

from apps.from_text.values import converted
from apps.tables import Field
from apps.types.reader import HERE, Reader


def from_form(field: Field, value: Any, reader: Reader = HERE) -> Any:
    """Return the value in the field's type, or raise `BadValue`. The store checks values that are not text."""
    if type(value) is list and field.kind.is_link:  # of a choice of several rows
        return [key for one in value for key in converted(field, str(one), reader) or ()]
    return value if type(value) is not str or field.kind.is_text else converted(field, value.strip(), reader)


def from_cell(field: Field, text: str, reader: Reader = HERE) -> Any:
    """Return the value of a cell, or raise `BadValue`."""
    return text if field.kind.is_text else converted(field, text, reader)
