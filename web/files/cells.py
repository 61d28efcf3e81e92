"""One cell of a sheet: a value of a table as text that a spreadsheet shows but does not run, and back again.

A text that a spreadsheet would take for a formula gets an apostrophe in front; reading takes exactly one away again, so
whatever text was exported comes back as it was (docs/decisions/imports.md).
"""

import re
from typing import Any

from apps.tables import Field
from web.state.field_types import PAGE_TYPES
from web.state.form_values import from_cell

FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
"""What makes a cell live in one of the usual spreadsheets, behind the apostrophes that may hide it already."""


def harmless(text: str) -> str:
    """Return the text with an apostrophe in front if a spreadsheet would run it."""
    return f"'{text}" if FORMULA.match(text) else text


def restored(text: str) -> str:
    """Return what `harmless` was given."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def written(one: Field, value: Any) -> str:
    """Return a value of a row as the text of a cell."""
    kind = PAGE_TYPES[one.type]
    return harmless(kind.to_cell(value)) if kind.is_free_text else kind.to_cell(value)


def is_given(one: Field, text: str) -> bool:
    """Return whether a cell says anything: an empty one leaves the row with what a new row has."""
    return text != "" or (one.kind.is_text and not one.choices)


def read(one: Field, text: str) -> Any:
    """Return the value of a cell in the field's type, or raise `BadValue`."""
    return from_cell(one, restored(text) if PAGE_TYPES[one.type].is_free_text else text)
