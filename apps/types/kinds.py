"""What a type of field is, for every process: `FieldType`. And how a value is refused: `Misfit`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Misfit(Exception):
    """A value does not fit a type. `code`: as in the error of `store.answer`; `problem`: goes on behind the name."""

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(problem)
        self.code = code
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Rules:
    """What a field asks of its values, beside their type."""

    limit: int = 1_000
    """Characters of a text, or of a JSON value when written."""


@dataclass(frozen=True, slots=True)
class FieldType:
    """What all processes know of a type."""

    empty: Any
    """The value of a row that was not given one."""
    check: Callable[[Any, Rules], Any]
    """Takes a value and the field's rules; returns the value as it is stored, or raises `Misfit`."""
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
