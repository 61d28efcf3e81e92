"""One cell of a sheet: a value of a table as text that a spreadsheet shows but does not run, and back.

Text that a spreadsheet would run as a formula gets an apostrophe in front. Reading removes exactly one, so every
exported text comes back as it was (docs/decisions/imports.md).
"""

import math
import re
from typing import Any

from apps.tables import Field
from web.state.form_values import from_cell
from web.state.types import PAGE_TYPES

FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
"""A text that a common spreadsheet would run, also behind apostrophes that prevent that already."""


def harmless(text: str) -> str:
    """Return the text with an apostrophe in front if a spreadsheet would run it."""
    return f"'{text}" if FORMULA.match(text) else text


def restored(text: str) -> str:
    """Return the text that was given to `harmless`."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def written(one: Field, value: Any) -> str:
    """Return a value of a row as the text of a cell."""
    kind = PAGE_TYPES[one.type]
    if value is None and not kind.is_any:
        return ""
    return harmless(kind.to_cell(value)) if kind.is_free_text else kind.to_cell(value)


def is_given(one: Field, value: Any, *, typed: bool = False) -> bool:
    """Return whether a cell holds a value: for an empty cell, the row keeps the default of a new row.

    A box that is ticked in some rows is empty in the others. `typed`: it is a value of JSON, where null is empty too.
    """
    if typed and (PAGE_TYPES[one.type].is_any or type(value) is not str):
        return PAGE_TYPES[one.type].is_any or value is not None
    return value.strip() != "" or (one.kind.is_text and not one.choices)


def read_typed(one: Field, value: Any) -> Any:
    """Return a value of JSON in the field's type, or raise `BadValue`: what a cell with the same text would be."""
    kind = PAGE_TYPES[one.type]
    if kind.is_any:
        return value
    if one.kind.is_text:
        is_number = type(value) is int or (type(value) is float and math.isfinite(value))
        return str(value) if is_number else value
    if type(value) in (int, float) and one.kind.unit_keys:  # an amount that was written as a number
        return repr(value) if math.isfinite(value) else value
    if type(value) is float and value.is_integer():
        return int(value)
    return from_cell(one, value) if type(value) is str else value


def read(one: Field, text: str) -> Any:
    """Return the value of a cell in the field's type, or raise `BadValue`."""
    return from_cell(one, restored(text) if PAGE_TYPES[one.type].is_free_text else text)
