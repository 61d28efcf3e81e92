"""The types that a field can have: what its values are, in every process.

A new type is one entry here, its name in `TypeName`, and one entry in the `field_types.py` of each process that treats
types differently: `store/file/`, `services/agent/parse/` and `web/state/`. A test says which entry is missing.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

TypeName = Literal["text", "integer", "real", "boolean", "json", "time"]

LARGEST_INTEGER = 2**63 - 1


class Misfit(Exception):
    """A value does not fit a type. `code`: as in the error of `store.answer`; `problem`: goes on behind the name."""

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(problem)
        self.code = code
        self.problem = problem


@dataclass(frozen=True, slots=True)
class FieldType:
    """What all processes know of a type."""

    empty: Any
    """The value of a row that was not given one."""
    check: Callable[[Any, int], Any]
    """Takes a value and the field's limit; returns the value as it is stored, or raises `Misfit`."""
    in_words: Callable[[Any], str] = str
    """Returns a value as people write it."""
    is_text: bool = False
    """Its values can name a row, be one of several choices, and be searched."""
    is_switch: bool = False
    """Its values are true and false: they can be toggled, ticked, and filtered by."""
    set_by_store: bool = False
    """The store sets it to the time of the insert; no form and no instruction asks for it."""


def wrong_type(value: Any, expected: str) -> Misfit:
    """Return the refusal of a value of another type."""
    return Misfit("wrong_type", f"is {value!r:.60} ({type(value).__name__}). Expected: {expected}.")


# --- the values ---


def check_text(value: Any, limit: int) -> str:
    """Take a text of at most `limit` characters."""
    if type(value) is not str:
        raise wrong_type(value, "a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Misfit("bad_value", "holds half a character (a lone surrogate).") from None
    if len(value) > limit:
        raise Misfit("too_long", f"has {len(value):,} characters, at most {limit:,} fit. Shorten it.")
    return value


def check_integer(value: Any, _limit: int) -> int:
    """Take a whole number that SQLite can hold."""
    if type(value) is not int or not -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER:
        raise wrong_type(value, "a whole number of at most 64 bits")
    return value


def check_real(value: Any, _limit: int) -> float:
    """Take any number but the infinities and NaN."""
    if type(value) not in (int, float) or not math.isfinite(value):
        raise wrong_type(value, "a finite number")
    return float(value)


def check_boolean(value: Any, _limit: int) -> bool:
    """Take true and false, also as 1 and 0."""
    if value not in (True, False) or type(value) not in (bool, int):
        raise wrong_type(value, "true or false")
    return bool(value)


def check_json(value: Any, limit: int) -> Any:
    """Take what JSON can express in at most `limit` characters."""
    try:
        written = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise wrong_type(value, "what JSON can express") from None
    if len(written) > limit:
        raise Misfit("too_long", f"takes {len(written):,} characters, at most {limit:,} fit.")
    return value


def yes_or_no(value: Any) -> str:
    """Return a boolean in words."""
    return "yes" if value else "no"


MINUTES = "%d %b %Y, %H:%M"
SECONDS = "%d %b %Y, %H:%M:%S"


def date_and_time(value: Any, form: str = MINUTES) -> str:
    """Return Unix seconds as people write a date, in this machine's zone; a number that no calendar has as it is."""
    try:
        return datetime.fromtimestamp(value).astimezone().strftime(form)
    except (TypeError, ValueError, OverflowError, OSError):
        return str(value)


# --- the types ---


FIELD_TYPES: dict[TypeName, FieldType] = {
    "text": FieldType("", check_text, is_text=True),
    "integer": FieldType(0, check_integer),
    "real": FieldType(0.0, check_real),
    "boolean": FieldType(False, check_boolean, yes_or_no, is_switch=True),
    "json": FieldType(None, check_json),
    "time": FieldType(0.0, check_real, date_and_time, set_by_store=True),
}
