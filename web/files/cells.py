"""One cell of a sheet: a value of a table as text that a spreadsheet shows but does not run, and back.

Text that a spreadsheet would run as a formula gets an apostrophe in front. Reading removes exactly one, so every
exported text comes back as it was (docs/decisions/imports.md).
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

from apps.tables import BadValue, Field
from web.state.form_values import from_form

FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
"""A text that a common spreadsheet would run, also behind apostrophes that prevent that already."""

GUARDED: tuple[str, ...] = ("text", "json")
"""Types whose values hold text; a number is harmless even if it begins with a minus."""


def harmless(text: str) -> str:
    """Return the text with an apostrophe in front if a spreadsheet would run it."""
    return f"'{text}" if FORMULA.match(text) else text


def restored(text: str) -> str:
    """Return the text that was given to `harmless`."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def written(one: Field, value: Any) -> str:
    """Return a value of a row as the text of a cell."""
    if one.type == "time":
        return datetime.fromtimestamp(value, UTC).isoformat() if value else ""
    if one.type == "boolean":
        return "true" if value else "false"
    text = json.dumps(value, ensure_ascii=False) if one.type == "json" else str(value)
    return harmless(text) if one.type in GUARDED else text


def is_given(one: Field, text: str) -> bool:
    """Return whether a cell holds a value: for an empty cell, the row keeps the default of a new row."""
    return text != "" or (one.type == "text" and not one.choices)


def read(one: Field, text: str) -> Any:
    """Return the value of a cell in the field's type; raises `BadValue`."""
    if one.type == "time":
        return _time(one, text)
    return from_form(one, restored(text) if one.type in GUARDED else text)


def _time(one: Field, text: str) -> float:
    """Take seconds as well as a date; a date without a zone is one of this machine's."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        raise BadValue(
            "wrong_type", f"`{one.name}` is {text!r:.60}. Expected: a time like 2026-11-20T09:30:00+00:00."
        ) from None
