"""Converts the text of a form or of a cell in a file to the type of a field."""

from datetime import datetime
from typing import Any

from apps.tables import Field
from apps.types.kinds import Misfit
from apps.types.reader import HERE, Reader


def from_form(field: Field, value: Any, reader: Reader = HERE) -> Any:
    """Return the value in the field's type, or raise `BadValue`. The store checks values that are not text."""
    if type(value) is list and field.kind.is_link:  # of a choice of several rows
        return [key for one in value for key in converted(field, str(one), reader) or ()]
    return value if type(value) is not str or field.kind.is_text else converted(field, value.strip(), reader)


def from_cell(field: Field, text: str, reader: Reader = HERE) -> Any:
    """Return the value of a cell, or raise `BadValue`."""
    return text if field.kind.is_text else converted(field, text, reader)


def converted(field: Field, text: str, reader: Reader) -> Any:
    """Return what a text means to its reader, or raise `BadValue` that says what was expected."""
    try:
        value = field.kind.parse(text, datetime.now(reader.zone), reader.locale)
    except Misfit as misfit:
        raise field.misfit(misfit.code, misfit.problem) from None
    if value is None and not field.may_be_none and not field.kind.is_any:
        raise field.misfit("wrong_type", f"is {text!r:.60}. Expected: {field.kind.expected}.")
    return value
