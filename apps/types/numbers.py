"""The types `integer`, `real` and `boolean`."""

import math
from typing import Any

from apps.types.kinds import FieldType, Rules, wrong_type

LARGEST_INTEGER = 2**63 - 1


def check_integer(value: Any, _rules: Rules) -> int:
    """Take a whole number that SQLite can hold."""
    if type(value) is not int or not -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER:
        raise wrong_type(value, "a whole number of at most 64 bits")
    return value


def check_real(value: Any, _rules: Rules) -> float:
    """Take any number but the infinities and NaN."""
    try:
        number = float(value) if type(value) in (int, float) else math.nan
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise wrong_type(value, "a finite number")
    return number


def check_boolean(value: Any, _rules: Rules) -> bool:
    """Take true and false, also as 1 and 0."""
    if value not in (True, False) or type(value) not in (bool, int):
        raise wrong_type(value, "true or false")
    return bool(value)


def yes_or_no(value: Any) -> str:
    """Return a boolean in words."""
    return "yes" if value else "no"


INTEGER = FieldType(0, check_integer, is_whole=True)
REAL = FieldType(0.0, check_real)
BOOLEAN = FieldType(False, check_boolean, yes_or_no, is_switch=True)
