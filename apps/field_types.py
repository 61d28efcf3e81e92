"""The types that a field can have: what its values are, in every process.

A new type is one entry here, its name in `TypeName`, and one entry in the `field_types.py` of each process that treats
types differently: `store/file/`, `services/agent/parse/` and `web/state/`. A test says which entry is missing.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

TypeName = Literal["text", "integer", "real", "boolean", "json", "time"]

LARGEST_INTEGER = 2**63 - 1
FIRST_TIME = datetime(1, 1, 2, tzinfo=UTC).timestamp()
LAST_TIME = datetime(9999, 12, 30, tzinfo=UTC).timestamp()
"""Unix seconds between which each time is a date in every zone."""
DEEPEST_JSON = 100
"""How deep lists and maps may lie in each other: less than msgpack and the parsers of JSON can carry."""
LONG_NUMBER = re.compile(r"\d{19}")
HALF_CHARACTER = re.compile(r"\\ud[89a-f]", re.IGNORECASE)


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
    is_any: bool = False
    """Its values are of any type, also lists and maps: a form shows them as JSON."""
    is_whole: bool = False
    """Its values are whole numbers: a field of it can be a counter."""
    set_by_store: bool = False
    """The store sets it to the time of the insert; no form and no instruction asks for it."""


def wrong_type(value: Any, expected: str) -> Misfit:
    """Return the refusal of a value of another type."""
    return Misfit("wrong_type", f"is {briefly(value)} ({type(value).__name__}). Expected: {expected}.")


def briefly(value: Any) -> str:
    """Return the beginning of a value as Python writes it; "…" for one that Python refuses to write."""
    try:
        return f"{value!r:.60}"
    except (ValueError, RecursionError):  # thousands of digits, or of levels
        return "…"


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
    try:
        number = float(value) if type(value) in (int, float) else math.nan
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise wrong_type(value, "a finite number")
    return number


def check_time(value: Any, limit: int) -> float:
    """Take Unix seconds that are a date; 0 stands for none."""
    seconds = check_real(value, limit)
    if not FIRST_TIME <= seconds <= LAST_TIME:
        raise Misfit(
            "bad_value", f"is {value!r:.60}, which is no date. Expected: seconds since 1970, not milliseconds."
        )
    return seconds


def check_boolean(value: Any, _limit: int) -> bool:
    """Take true and false, also as 1 and 0."""
    if value not in (True, False) or type(value) not in (bool, int):
        raise wrong_type(value, "true or false")
    return bool(value)


def check_json(value: Any, limit: int) -> Any:
    """Take what JSON can express in at most `limit` characters, and what the bus and the file can carry."""
    try:
        written = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise wrong_type(value, "what JSON can express") from None
    if len(written) > limit:
        raise Misfit("too_long", f"takes {len(written):,} characters, at most {limit:,} fit.")
    if written.count("[") + written.count("{") > DEEPEST_JSON and depth(value) > DEEPEST_JSON:
        raise Misfit("bad_value", f"has lists and maps in each other. Expected: at most {DEEPEST_JSON} levels.")
    if LONG_NUMBER.search(written):
        check_integers(value)
    if HALF_CHARACTER.search(written):
        check_text(json.dumps(value, ensure_ascii=False), limit)
    return value


def depth(value: Any) -> int:
    """Return how deep lists and maps lie in each other; counts no further than one level beyond the limit."""
    level, values = 0, [value]
    while values := [one for one in values if isinstance(one, list | dict)]:
        level += 1
        if level > DEEPEST_JSON:
            break
        values = [inner for one in values for inner in (one.values() if isinstance(one, dict) else one)]
    return level


def check_integers(value: Any) -> None:
    """Refuse a whole number of more than 64 bits, also within lists and maps. Must not be too deep."""
    if isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            check_integers(one)
    elif type(value) is int:
        check_integer(value, 0)


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


def iso_time(value: Any, timespec: str = "seconds") -> str:
    """Return Unix seconds as a date in UTC for programs; a number that no calendar has as it is."""
    try:
        return datetime.fromtimestamp(value, UTC).isoformat(timespec=timespec)
    except (TypeError, ValueError, OverflowError, OSError):
        return str(value)


# --- the types ---


FIELD_TYPES: dict[TypeName, FieldType] = {
    "text": FieldType("", check_text, is_text=True),
    "integer": FieldType(0, check_integer, is_whole=True),
    "real": FieldType(0.0, check_real),
    "boolean": FieldType(False, check_boolean, yes_or_no, is_switch=True),
    "json": FieldType(None, check_json, is_any=True),
    "time": FieldType(0.0, check_time, date_and_time, set_by_store=True),
}
