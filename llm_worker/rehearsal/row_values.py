"""A new row with values, from a sentence: "add Fern, room: bath", "add lunch 12.50 yesterday". Pure.

A value goes to the field that is named before it; without a name, to the first field that can hold it. Words for days,
times and amounts go as they were written: the agent reads them as everywhere.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from apps.words import find, read_date, read_duration, read_moment, read_money, read_repeat
from bus.messages import Values
from llm_worker.rehearsal.open_app import OpenField

ORDER = r"(?:please |can you |could you )*(?:add|note|put) "
TEXT = r"(?:[^,:“”\"]|,(?=\d)|(?<=\d):(?=\d))"
"""A comma and a colon between digits belong to a number and to a time."""
ADDED = re.compile(rf"{ORDER}(?P<title>{TEXT}{{1,200}}?)(?:,(?!\d)| with )(?P<rest>.+)")
ADDED_WORDS = re.compile(rf"{ORDER}(?P<words>{TEXT}{{1,200}})$")
BETWEEN = re.compile(r"\s*(?:,(?!\d)(?: and)?|\band\b)\s*", re.IGNORECASE)
LAST_AMOUNT = re.compile(
    r"\s(?:for )?(?P<amount>[€$£]?\s?\d[\d.,]*(?:\s?(?:[€$£]|[A-Z]{3}|euros?|dollars?|pounds?))?)$", re.IGNORECASE
)
"""What a line ends with, behind the title: "12.50 €"."""
LIST = re.compile(r"\s(?:to|on|in) (?:the|my) (?:\w+ )?(?:list|app|table)$", re.IGNORECASE)
DAYS = ("day", "day and time", "day, or day and time")
AMOUNTS = ("amount", "whole number", "number")
"""What a number behind the title may be, the most likely first: "lunch 12.50"."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""Any time: it is only asked whether words mean a day, not which."""


def row_in(said: str, fields: Sequence[OpenField], title: str) -> tuple[str, Values] | None:
    """Return the title of a new row and its values by the labels of fields; None where a part is no value of one.

    `title`: the label of the field that holds the title.
    """
    line = said.strip().rstrip(".!")
    others = [one for one in fields if one.label != title]
    if found := ADDED.match(line):
        values = _values(BETWEEN.split(found["rest"]), others)
        return (found["title"].strip(), values) if values else None
    words = ADDED_WORDS.match(line)
    return _behind(LIST.sub("", words["words"]), others) if words else None


def _values(parts: Iterable[str], fields: Sequence[OpenField]) -> Values | None:
    """Return the values of parts that stand between commas; None if one of them is no value of a field."""
    values: Values = {}
    for part in filter(str.strip, parts):
        pair = _named(part, fields) or _fitting(part.strip(), [one for one in fields if one.label not in values])
        if pair is None:
            return None
        values[pair[0]] = pair[1]
    return values


def _named(part: str, fields: Sequence[OpenField]) -> tuple[str, str] | None:
    """Return the label with which a part begins, and the value behind it."""
    for one in sorted(fields, key=lambda one: len(one.label), reverse=True):
        label = re.escape(one.label)
        if found := re.match(rf"(?:the )?{label}\b\s*(?:[:=]|is|of)?\s*(.+)", part.strip(), re.IGNORECASE):
            return one.label, found[1]
    return None


def _fitting(part: str, fields: Sequence[OpenField]) -> tuple[str, str] | None:
    """Return the first field that can hold what a part says, and its value."""
    return next(((one.label, value) for one in fields if (value := _held(part, one.holds))), None)


def _held(part: str, holds: str) -> str:
    """Return a part as a field that holds this takes it; "" if it is no value of it. Texts take nothing unasked."""
    if "one of " in holds:
        listed = holds.partition("one of ")[2].split(", ")
        return next((one for one in listed if one.casefold() == part.casefold()), "")
    return part if any(holds.startswith(kind) and reads(part) for kind, reads in READS) else ""


READS = (
    ("day, or", lambda text: read_date(text, NOW) or read_moment(text, NOW)),
    ("day and time", lambda text: read_moment(text, NOW)),
    ("day", lambda text: read_date(text, NOW)),
    ("repeat", read_repeat),
    ("amount", read_money),
    ("duration", read_duration),
    ("whole number", lambda text: re.fullmatch(r"-?\d{1,15}", text)),
    ("number", lambda text: re.fullmatch(r"-?\d{1,15}(?:[.,]\d{1,15})?", text)),
)
"""Pairs: how the prompt begins to say what a field holds, and what reads a text as that."""


def _amount(text: str, fields: Sequence[OpenField]) -> tuple[str, str] | None:
    """Return the field that an amount is for, and the amount."""
    by_kind = (one for kind in AMOUNTS for one in fields if one.holds.startswith(kind))
    return next(((one.label, text) for one in by_kind if _held(text, one.holds)), None)


def _behind(words: str, fields: Sequence[OpenField]) -> tuple[str, Values] | None:
    """Return the title and the values that stand behind it without commas: a day, and an amount."""
    values: Values = {}
    day = next((one for one in fields if one.holds.startswith(DAYS)), None)
    found = find(words, NOW)
    if day and (part := found.date or found.moment):
        values[day.label] = " ".join(words[begin:end] for begin, end in part.spans)
        words = found.title
    if (last := LAST_AMOUNT.search(words)) and (amount := _amount(last["amount"].strip(), fields)):
        values |= dict([amount])
        words = words[: last.start()]
    return (words.strip(), values) if values and words.strip() else None
