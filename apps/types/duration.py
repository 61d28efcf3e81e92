"""The type `duration`: whole seconds."""

import re
from datetime import datetime
from typing import Any

from apps.types.kinds import FieldType, Misfit, Rules, wrong_type
from apps.types.reader import Reader
from apps.words import read_duration

LONGEST = 10**12
"""Seconds: more than 30,000 years."""
EXPECTED = "a duration like 1 h 30 min or 1:30"

UNITS = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
PARTS = re.compile(r"(?:(\d{1,9}) ?d)? ?(?:(\d{1,9}) ?h)? ?(?:(\d{1,9}) ?min)? ?(?:(\d{1,13}) ?s)?", re.ASCII)
CLOCK = re.compile(r"(\d{1,7}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


def check_duration(value: Any, _rules: Rules) -> int:
    """Take whole seconds, none of them negative."""
    if type(value) is not int:
        raise wrong_type(value, "whole seconds")
    if not 0 <= value <= LONGEST:
        raise Misfit("bad_value", f"takes {value!r:.40} seconds. Expected 0 to {LONGEST:,}.")
    return value


def parse_duration(text: str, _now: datetime, _locale: str) -> int | None:
    """Read "1 h 30 min", hours and minutes "1:30", or words."""
    given = text.strip()
    if not given:
        return None
    if clock := CLOCK.fullmatch(given):
        return int(clock[1]) * 3_600 + int(clock[2]) * 60 + int(clock[3] or 0)
    if (parts := PARTS.fullmatch(given)) and any(parts.groups()):
        return sum(int(number or 0) * size for number, size in zip(parts.groups(), UNITS.values(), strict=True))
    understood = read_duration(given)
    if understood is None:
        raise Misfit("wrong_type", f"is {given!r:.60}. Expected: {EXPECTED}.")
    return understood


def show_duration(value: int, _reader: Reader) -> str:
    """Return a duration with the symbols of its units, the same in all languages: "1 h 30 min"."""
    shown, rest = [], value
    for unit, size in UNITS.items():
        number, rest = divmod(rest, size)
        if number:
            shown.append(f"{number} {unit}")
    return " ".join(shown) or "0 s"


DURATION = FieldType(
    None, check_duration, EXPECTED, show_duration, parse_duration, sum_up=sum, is_ordered=True, is_duration=True
)
