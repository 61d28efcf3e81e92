"""How a model reads and writes the values of each field type. Pure.

`convert` brings what models write into the type, where it has one meaning ("3" for a whole number, "yes" for true);
anything else stays as it is, and the check of the field refuses it with the reason.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.tables import Field
from apps.types import TypeName

NUMBER = re.compile(r"\s*-?\d{1,18}(\.\d{1,18})?\s*", re.ASCII)
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


def unchanged(_field: Field, value: Any) -> Any:
    """Return the value as it is."""
    return value


def to_text(field: Field, value: Any) -> Any:
    """Take a number as a text, and a choice in any case."""
    if type(value) in (int, float) and math.isfinite(value) and abs(value) < 1e15:
        value = str(value)
    if type(value) is str and field.choices and value not in field.choices:
        return next((one for one in field.choices if one.casefold() == value.strip().casefold()), value)
    return value


def to_integer(_field: Field, value: Any) -> Any:
    """Take a number that was written as a text, and 3.0 as 3."""
    if type(value) is str and NUMBER.fullmatch(value):
        value = float(value) if "." in value else int(value)
    return int(value) if type(value) is float and value.is_integer() and abs(value) < 2**53 else value


def to_real(_field: Field, value: Any) -> Any:
    """Take a number that was written as a text."""
    return float(value) if type(value) is str and NUMBER.fullmatch(value) else value


def to_boolean(_field: Field, value: Any) -> Any:
    """Take yes, no, true and false as texts."""
    return TRUTHS.get(value.strip().casefold(), value) if type(value) is str else value


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
    convert: Callable[[Field, Any], Any] = unchanged


MODEL_TYPES: dict[TypeName, ModelType] = {
    "text": ModelType("text", "string", "…", to_text),
    "integer": ModelType("whole number", "integer", Named("NUMBER"), to_integer),
    "real": ModelType("number", "number", Named("NUMBER"), to_real),
    "boolean": ModelType("true or false", "boolean", True, to_boolean),
    "json": ModelType("any JSON", "object", {}),
    "time": ModelType("Unix seconds", "number", Named("NUMBER")),
}
