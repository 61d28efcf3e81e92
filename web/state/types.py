"""How the page and files hold the values of each field type: its input in a form, its text in a cell. Pure.

How people read and write a value: `show` and `parse` in `apps/types/`. What is drawn: `web/html/rows/values.py`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from apps.types import FIELD_TYPES, TypeName
from apps.types.moment import in_input
from apps.types.reader import HERE, Reader
from apps.types.repeat import repeat_in_input
from apps.types.unix_time import iso_time

Look = Literal["words", "page", "mail", "markdown", "rows", "when", "repeat", "tags"]
"""How a value is drawn: as words, as a link to a page or to write a mail, as Markdown, as links to rows, as a due date,
as a repeat, as tags that filter."""


def as_text(value: Any, _reader: Reader) -> str:
    """Return a value as Python writes it."""
    return str(value)


def shown(name: TypeName) -> Callable[[Any, Reader], str]:
    """Return what shows a value of a type as people write it."""
    return FIELD_TYPES[name].show


def keys_in_input(value: Any, _reader: Reader) -> str:
    """Return the ids of linked rows as the choice of several holds them."""
    return list_cell(value)


def moment_in_input(value: Any, reader: Reader) -> str:
    """Return a moment as the browser's input takes it."""
    return in_input(value, reader.zone)


def boolean_cell(value: Any) -> str:
    """Return a boolean as spreadsheets write it."""
    return "true" if value else "false"


def time_cell(value: Any) -> str:
    """Return Unix seconds as a date in UTC; nothing for 0; what is no date as it is."""
    return iso_time(value, "auto") if value else ""


def json_cell(value: Any) -> str:
    """Return any value as JSON."""
    return json.dumps(value, ensure_ascii=False)


def list_cell(value: Any) -> str:
    """Return a list with commas between its values."""
    return ", ".join(map(str, value))


@dataclass(frozen=True, slots=True)
class PageType:
    """A type in the forms of the page, and in the cells of a file."""

    input: str = ""
    """The `type` of its input, or `textarea`, or `rows` for a choice of rows; "" when no form asks for it."""
    step: str | None = None
    """The `step` of that input."""
    in_input: Callable[[Any, Reader], str] = as_text
    """Returns a value as that input holds it for a reader."""
    look: Look = "words"
    to_cell: Callable[[Any], str] = str
    """Returns a value that is not none as the text of a cell."""
    is_free_text: bool = False
    """Its values are somebody's words: a spreadsheet could take one for a formula."""
    is_any: bool = False
    """Its values are any JSON, also null and texts that look like a number."""


PAGE_TYPES: dict[TypeName, PageType] = {
    "text": PageType("text", is_free_text=True),
    "integer": PageType("number"),
    "real": PageType("number", step="any"),
    "boolean": PageType(to_cell=boolean_cell),
    "json": PageType(to_cell=json_cell, is_free_text=True, is_any=True),
    "time": PageType(to_cell=time_cell),
    "date": PageType("date"),
    "moment": PageType("datetime-local", step="any", in_input=moment_in_input),
    "when": PageType("text", in_input=shown("when"), look="when"),
    "repeat": PageType("text", in_input=repeat_in_input, look="repeat"),
    "duration": PageType("text", in_input=shown("duration"), to_cell=lambda value: shown("duration")(value, HERE)),
    "money": PageType("text", in_input=shown("money")),
    "tags": PageType("text", in_input=shown("tags"), look="tags", to_cell=list_cell, is_free_text=True),
    "web": PageType("url", look="page", is_free_text=True),
    "mail": PageType("email", look="mail", is_free_text=True),
    "markdown": PageType("textarea", look="markdown", is_free_text=True),
    "link": PageType("rows", in_input=keys_in_input, look="rows", to_cell=list_cell),
}
