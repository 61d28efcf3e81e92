"""How a model reads and writes the values of each field type. Pure.

`convert` brings what models write into the type, where it has one meaning ("3" for a whole number, "yes" for true);
anything else stays as it is, and the check of the field refuses it with the reason.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.tables import BadValue, Field
from apps.types import FIELD_TYPES, TypeName
from apps.types.kinds import Misfit
from apps.types.moment import in_input
from apps.types.reader import HERE, Reader
from apps.types.repeat import repeat_in_input

NUMBER = re.compile(r"\s*-?\d{1,18}(\.\d{1,18})?\s*", re.ASCII)
NUMERAL = re.compile(r"-?\d{1,15}(?:[.,]\d{1,6})?", re.ASCII)
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


def unchanged(_field: Field, value: Any, _reader: Reader) -> Any:
    """Return the value as it is."""
    return value


def as_it_is(value: Any, _reader: Reader) -> Any:
    """Return the value as it is."""
    return value


def in_words(value: Any, _reader: Reader) -> str:
    """Return a list or a duration as people write it."""
    name: TypeName = "duration" if type(value) is int else "tags"
    return FIELD_TYPES[name].in_words([str(one) for one in value] if type(value) is list else value)


def day_and_time(value: Any, reader: Reader) -> str:
    """Return a moment as the clocks of its reader show it."""
    return in_input(value, reader.zone).replace("T", " ")


def with_blank(value: Any, _reader: Reader) -> str:
    """Return a day and its time with a blank between."""
    return str(value).replace("T", " ")


def repeat_in_words(value: Any, _reader: Reader) -> str:
    """Return a repeat in words, in the language of the instructions."""
    return repeat_in_input(value, HERE)


def to_text(field: Field, value: Any, _reader: Reader) -> Any:
    """Take a number as a text, and a choice in any case."""
    if type(value) in (int, float) and math.isfinite(value) and abs(value) < 1e15:
        value = str(value)
    if type(value) is str and field.choices and value not in field.choices:
        return next((one for one in field.choices if one.casefold() == value.strip().casefold()), value)
    return value


def to_integer(_field: Field, value: Any, _reader: Reader) -> Any:
    """Take a number that was written as a text, and 3.0 as 3."""
    if type(value) is str and NUMBER.fullmatch(value):
        value = float(value) if "." in value else int(value)
    return int(value) if type(value) is float and value.is_integer() and abs(value) < 2**53 else value


def to_real(_field: Field, value: Any, _reader: Reader) -> Any:
    """Take a number that was written as a text."""
    return float(value) if type(value) is str and NUMBER.fullmatch(value) else value


def to_boolean(_field: Field, value: Any, _reader: Reader) -> Any:
    """Take yes, no, true and false as texts."""
    return TRUTHS.get(value.strip().casefold(), value) if type(value) is str else value


def as_people_write(field: Field, value: Any, reader: Reader) -> Any:
    """Take words for a value ("12,50 €", "1 h 30 min"), if they mean one; a number as a text; an empty text as none."""
    locale = reader.locale
    if type(value) in (int, float) and field.kind.has_unit:
        value, locale = str(Decimal(str(value))), ""  # the point of a JSON number divides no thousands
    if type(value) is not str:
        return value
    try:
        return field.kind.parse(value, datetime.now(reader.zone), locale)
    except Misfit as misfit:
        raise BadValue(misfit.code, f"`{field.called}` {misfit.problem}") from None


def to_list(field: Field, value: Any, reader: Reader) -> Any:
    """Take one value as a list of one, and ids that were written as texts."""
    if type(value) is list:
        parts = [as_people_write(field, str(one), reader) if type(one) in (str, int) else one for one in value]
        return [key for part in parts for key in (part if type(part) is list else [part]) if key is not None]
    return as_people_write(field, str(value) if type(value) is int else value, reader)


def none(_title: str, _number: int) -> None:
    """Give an example row no value."""


def day_ahead(_title: str, number: int) -> str:
    """Return a day soon."""
    return (datetime.now(HERE.zone).date() + timedelta(days=number)).isoformat()


@dataclass(frozen=True, slots=True)
class Named:
    """Stands in an example for any value of a type, written as a name without quotes."""

    name: str


@dataclass(frozen=True, slots=True)
class ModelType:
    """A type in what the model is told, and in what it writes."""

    words: str
    """What the manual calls it."""
    schema: str
    """Its name in a JSON schema."""
    example: Any
    """A value in the examples of instructions, or what stands for one."""
    convert: Callable[[Field, Any, Reader], Any] = unchanged
    """Returns what the model wrote as a value, as far as it means one to the reader whose words it heard."""
    show: Callable[[Any, Reader], Any] = as_it_is
    """Returns a value as the model is shown it: as it would write one for this reader."""
    sample: Callable[[str, int], Any] = none
    """Returns a value for an example row: of this title, the first, second … one; None for no value."""
    spoken: re.Pattern[str] | None = None
    """Finds the value in what a model writes with more around it: 7 in "7 days"."""


MODEL_TYPES: dict[TypeName, ModelType] = {
    "text": ModelType("text", "string", "…", to_text, sample=lambda title, _number: title),
    "integer": ModelType(
        "whole number", "integer", Named("NUMBER"), to_integer, sample=lambda _title, number: number, spoken=NUMERAL
    ),
    "real": ModelType(
        "number", "number", Named("NUMBER"), to_real, sample=lambda _title, number: float(number), spoken=NUMERAL
    ),
    "boolean": ModelType("true or false", "boolean", True, to_boolean),
    "json": ModelType("any JSON", "object", {}),
    "time": ModelType("Unix seconds", "number", Named("NUMBER")),
    "date": ModelType("day", "string", "2026-11-28", as_people_write, sample=day_ahead),
    "moment": ModelType("day and time", "string", "2026-11-28 09:00", as_people_write, day_and_time),
    "when": ModelType("day, or day and time, in words", "string", "tomorrow 9:00", as_people_write, with_blank),
    "repeat": ModelType(
        "how often it comes again, in words", "string", "every Monday", as_people_write, repeat_in_words
    ),
    "duration": ModelType("duration", "string", "1 h 30 min", as_people_write, in_words),
    "money": ModelType("amount with currency", "string", "12.50 EUR", as_people_write),
    "tags": ModelType("tags, commas between", "string", "…", to_list, in_words),
    "web": ModelType("web address", "string", "…", as_people_write),
    "mail": ModelType("mail address", "string", "…", as_people_write),
    "markdown": ModelType("long text", "string", "…", as_people_write),
    "link": ModelType("id of a row", "integer", Named("ID"), to_list, in_words),
}
