"""What the words for durations mean, in seconds."""

import re
from decimal import Decimal

from apps.words.patterns import Match

LENGTHS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
"""Seconds of the units that have a fixed length."""
SMALLER = {"hour": "minute", "minute": "second"}
"""The unit of a number that stands behind one of these: "1 h 30"."""
CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9]))?")
ISO = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?",
    re.IGNORECASE,
)

PLUS = {"plain": "0", "and_half": "0.5", "and_quarter": "0.25"}
"""What is added to the amount."""
ALONE = {"half": "0.5", "quarter": "0.25", "three_quarters": "0.75"}
"""How many units a pattern means that has no amount."""


def in_signs(text: str) -> int | None:
    """Read "1:30" (hours and minutes), "1:30:15" and "PT1H30M"."""
    if found := CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(one or 0) for one in found.groups())
        return hours * 3_600 + minutes * 60 + seconds
    if found := ISO.fullmatch(text):
        return sum(int(one or 0) * LENGTHS[unit] for one, unit in zip(found.groups(), reversed(LENGTHS), strict=True))
    return None


def measured(found: Match) -> tuple[Decimal, str]:
    """Return how many of which unit a pattern means."""
    name, _, given = found.meaning.partition(" ")
    unit = found.values.get("unit") or given
    if name == "times":
        return Decimal(given), unit
    if name in ALONE:
        return Decimal(ALONE[name]), unit
    return found.values["amount"] + Decimal(PLUS[name]), unit
