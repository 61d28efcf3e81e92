"""How the forms of the page and the cells of files write and read the values of each field type. Pure.

How people read a value elsewhere in the page: `in_words` in `apps/field_types.py`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.field_types import TypeName

YES = ("true", "on", "1", "yes")
NO = ("false", "off", "0", "no", "")


def same(value: str) -> str:
    """Return the text as it is."""
    return value


def to_boolean(text: str) -> bool:
    """Return what a box or a cell says, or raise `ValueError`."""
    if text.lower() not in YES + NO:
        raise ValueError(text)
    return text.lower() in YES


def to_seconds(text: str) -> float:
    """Take Unix seconds as well as a date; a date without a zone is one of this machine's. Raises `ValueError`."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error


def boolean_cell(value: Any) -> str:
    """Return a boolean as spreadsheets write it."""
    return "true" if value else "false"


def time_cell(value: Any) -> str:
    """Return Unix seconds as a date in UTC; nothing for 0."""
    return datetime.fromtimestamp(value, UTC).isoformat() if value else ""


def json_cell(value: Any) -> str:
    """Return any value as JSON."""
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class PageType:
    """A type in the forms of the page, and in the cells of a file."""

    expected: str
    """What a refused form asks for."""
    from_form: Callable[[str], Any]
    """Takes what a form sends, without blanks around it; raises `ValueError`."""
    input: str = ""
    """The `type` of the input that takes it; "" when no form asks for it."""
    step: str | None = None
    """The `step` of that input."""
    to_cell: Callable[[Any], str] = str
    """Returns a value as the text of a cell."""
    from_cell: Callable[[str], Any] | None = None
    """Takes the text of a cell; None when a cell is read as a form is."""
    expected_in_cell: str = ""
    """What a refused cell asks for; "" when it is the same as in a form."""
    is_free_text: bool = False
    """Its values are somebody's words: a spreadsheet could take one for a formula."""


PAGE_TYPES: dict[TypeName, PageType] = {
    "text": PageType("a text", same, input="text", is_free_text=True),
    "integer": PageType("a whole number", int, input="number"),
    "real": PageType("a number", float, input="number", step="any"),
    "boolean": PageType("true or false", to_boolean, to_cell=boolean_cell),
    "json": PageType("JSON", json.loads, to_cell=json_cell, is_free_text=True),
    "time": PageType(
        "a number of seconds",
        float,
        to_cell=time_cell,
        from_cell=to_seconds,
        expected_in_cell="a time like 2026-11-20T09:30:00+00:00",
    ),
}
