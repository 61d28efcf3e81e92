"""How the forms of the page and the cells of files write and read the values of each field type. Pure.

How people read a value elsewhere in the page: `in_words` in `apps/types/__init__.py`.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.types import TypeName
from apps.types.unix_time import iso_time

YES = {
    *("true", "on", "1", "yes", "y", "t", "x", "[x]", "✓", "✔", "☑", "✅", "checked", "ticked", "done"),
    *("wahr", "ja", "vrai", "oui", "verdadero", "sí", "si", "vero", "sì", "verdadeiro", "sim", "waar", "sant", "sand"),
    *("sann", "tosi", "kyllä", "prawda", "tak", "pravda", "ano", "igaz", "doğru", "evet", "истина", "да", "так"),
    *("是", "真", "はい", "예", "참", "نعم", "כן", "हाँ"),
}
"""What programs write for yes: their ticks, and the words of their languages. In lower case, width and form folded."""
NO = {
    *("false", "off", "0", "no", "n", "f", "", "[ ]", "[]", "✗", "✘", "☐", "❌", "-", "–", "unchecked", "unticked"),
    *("falsch", "nein", "faux", "non", "falso", "não", "onwaar", "nee", "falskt", "nej", "falsk", "usann", "nei"),
    *(
        "epätosi",
        "ei",
        "fałsz",
        "nie",
        "nepravda",
        "ne",
        "hamis",
        "nem",
        "yanlış",
        "yanliş",
        "hayır",
        "hayir",
        "ложь",
        "нет",
        "ні",
    ),
    *("否", "假", "いいえ", "偽", "아니요", "거짓", "لا", "לא", "नहीं"),
}
WHOLE_NUMBER = re.compile(r"[+-]?\d{1,400}(\.0*)?")
DECIMAL_COMMA = re.compile(r"[+-]?\d+,(\d{1,2}|\d{4,})")
"""With three digits behind it, the comma could as well divide thousands."""


def same(value: str) -> str:
    """Return the text as it is."""
    return value


def to_boolean(text: str) -> bool:
    """Return what a box or a cell says, or raise `ValueError`."""
    word = plain(text).casefold().replace("\ufe0f", "")
    if WHOLE_NUMBER.fullmatch(word):
        word = str(to_integer(word))
    if word not in YES and word not in NO:
        raise ValueError(text)
    return word in YES


def plain(text: str) -> str:
    """Return a text with its width and form folded, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip()


def to_integer(text: str) -> int:
    """Take a whole number, also with zeros behind its point. Raises `ValueError`."""
    number = plain(text)
    if not WHOLE_NUMBER.fullmatch(number):
        raise ValueError(text)
    return int(number.partition(".")[0])


def to_number(text: str) -> float:
    """Take a number, also with a decimal comma. Raises `ValueError`."""
    number = plain(text)
    if DECIMAL_COMMA.fullmatch(number):
        number = number.replace(",", ".")
    if "_" in number:  # Python takes it between digits
        raise ValueError(text)
    return float(number)


def to_seconds(text: str) -> float:
    """Take Unix seconds as well as a date; a date without a zone is one of this machine's. Raises `ValueError`."""
    try:
        return to_number(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(plain(text)).timestamp()
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error


def boolean_cell(value: Any) -> str:
    """Return a boolean as spreadsheets write it."""
    return "true" if value else "false"


def time_cell(value: Any) -> str:
    """Return Unix seconds as a date in UTC; nothing for 0; what is no date as it is."""
    return iso_time(value, "auto") if value else ""


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
    is_any: bool = False
    """Its values are any JSON, also null and texts that look like a number."""


PAGE_TYPES: dict[TypeName, PageType] = {
    "text": PageType("a text", same, input="text", is_free_text=True),
    "integer": PageType("a whole number", to_integer, input="number"),
    "real": PageType("a number", to_number, input="number", step="any"),
    "boolean": PageType("true or false", to_boolean, to_cell=boolean_cell),
    "json": PageType("JSON", json.loads, to_cell=json_cell, is_free_text=True, is_any=True),
    "time": PageType(
        "a number of seconds",
        float,
        to_cell=time_cell,
        from_cell=to_seconds,
        expected_in_cell="a time like 2026-11-20T09:30:00+00:00",
    ),
}
