"""The type `repeat`: how often something comes again, a rule of RFC 5545: `FREQ=WEEKLY;BYDAY=MO`."""

import re
from datetime import datetime
from typing import Any

from apps.types.kinds import FieldType, Misfit, Rules, wrong_type
from apps.types.reader import Reader
from apps.words import read_repeat
from apps.words.spoken_repeats import in_words

EXPECTED = "a repeat like every Monday or every 2 weeks"
LONGEST_RULE = 300
RULE = re.compile(r"(?:RRULE:)?\s*FREQ=.*", re.IGNORECASE | re.DOTALL)
PARTS = {
    "FREQ": re.compile(r"DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile(r"[1-9]\d{0,2}"),
    "BYMONTH": re.compile(r"(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2]))*"),
    "BYMONTHDAY": re.compile(r"-?(?:[1-9]|[12]\d|3[01])(?:,-?(?:[1-9]|[12]\d|3[01]))*"),
    "BYDAY": re.compile(r"(?:-?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:-?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU))*"),
    "BYSETPOS": re.compile(r"-?[1-9]\d{0,2}"),
    "WKST": re.compile(r"MO|TU|WE|TH|FR|SA|SU"),
    "COUNT": re.compile(r"[1-9]\d{0,3}"),
    "UNTIL": re.compile(r"\d{8}"),
}
"""The parts of a rule that are understood, in the order in which they are written."""
SHORT_MONTHS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
TOO_OFTEN = {"SECONDLY": "second", "MINUTELY": "minute", "HOURLY": "hour"}
"""Frequencies that are not taken: the unit of each."""
MOST_DAYS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}
"""How many days a rule can choose from at a time."""


def check_repeat(value: Any, _rules: Rules) -> str | None:
    """Take a rule; its parts get one order, so that equal rules are equal texts. An empty text is none."""
    if type(value) is not str:
        raise wrong_type(value, EXPECTED)
    if not value.strip():
        return None
    parts = parts_of(value)
    if unit := TOO_OFTEN.get(parts.get("FREQ", "")):
        raise Misfit("bad_value", f"comes again every {unit}. Expected once a day at most.")
    if bad := next((name for name in parts if name not in PARTS or not PARTS[name].fullmatch(parts[name])), ""):
        raise Misfit("bad_value", f"has the part {bad + '=' + parts[bad]!r:.60}, which is not understood.")
    if "FREQ" not in parts:
        raise Misfit("wrong_type", f"is {value!r:.60}. Expected: {EXPECTED}.")
    refuse_never(parts)
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    if parts.get("WKST") == "MO":
        del parts["WKST"]
    return ";".join(f"{name}={parts[name]}" for name in PARTS if name in parts)


def parts_of(rule: str) -> dict[str, str]:
    """Return the parts of a rule by name, or raise `Misfit`. The last day of `UNTIL` is kept without its time."""
    text = rule.strip().upper().removeprefix("RRULE:").strip().rstrip(";")
    pairs = [one.strip().partition("=") for one in text.split(";")] if len(text) <= LONGEST_RULE else []
    if not pairs or not all(sign for _, sign, _ in pairs) or len({name for name, _, _ in pairs}) < len(pairs):
        raise Misfit("wrong_type", f"is {rule!r:.60}. Expected: {EXPECTED}.")
    return {name: part[:8] if name == "UNTIL" else part for name, _, part in pairs}


def refuse_never(parts: dict[str, str]) -> None:
    """Raise `Misfit` for a rule of days that no calendar has: every 30 February."""
    months = [int(one) for one in parts.get("BYMONTH", "").split(",") if one]
    days = [int(one) for one in parts.get("BYMONTHDAY", "").split(",") if one]
    if months and days and min(map(abs, days)) > max(SHORT_MONTHS.get(month, 31) for month in months):
        raise Misfit("bad_value", f"names the day {days[0]} of the month {months[0]}, which no calendar has.")
    _refuse_no_choice(parts)


def _refuse_no_choice(parts: dict[str, str]) -> None:
    """Raise `Misfit` for a rule that chooses a day which there never is, like the second Monday of a week."""
    weekdays = parts.get("BYDAY", "").split(",")
    most = len(weekdays) if parts["FREQ"] == "WEEKLY" else MOST_DAYS[parts["FREQ"]]
    if abs(int(parts.get("BYSETPOS", "1"))) > most:
        raise Misfit("bad_value", f"chooses the day number {parts['BYSETPOS']} of {most}. So it never comes.")
    if "BYMONTHDAY" in parts and any(not one.isalpha() for one in weekdays if one):
        raise Misfit("bad_value", "names a day of the month and a weekday with a number. Expected one of the two.")


def parse_repeat(text: str, _now: datetime, _locale: str) -> str | None:
    """Read a repeat in words, or a rule."""
    given = text.strip()
    if not given:
        return None
    if RULE.fullmatch(given):
        return check_repeat(given, Rules())
    if rule := read_repeat(given):
        return rule
    raise Misfit("wrong_type", f"is {given!r:.60}. Expected: {EXPECTED}.")


def show_repeat(value: str, reader: Reader) -> str:
    """Return a repeat in the reader's language: "every Monday"; the rule itself where there are no words for it."""
    return in_words(value, reader.locale) or value


def repeat_in_input(value: str, reader: Reader) -> str:
    """Return a repeat as a form holds it: in words, if they mean exactly this rule."""
    said = show_repeat(value, reader)
    return said if read_repeat(said) == value else value


REPEAT = FieldType(None, check_repeat, EXPECTED, show_repeat, parse_repeat, is_repeat=True)
