"""What a type of field is, for every process: `FieldType`. And how a value is refused: `Misfit`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from apps.types.reader import HERE, Reader


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
    unit: str = ""
    """For money: the currency of an amount that comes without one; "" for none."""
    several: bool = False
    """For a link: it may lead to more than one row."""


def unchanged(value: Any) -> Any:
    """Return the value as it is."""
    return value


def cannot_parse(text: str, _now: datetime, _locale: str) -> Any:
    """Refuse every text: what people write for this type is read elsewhere."""
    raise Misfit("wrong_type", f"is {text!r:.60}. Expected another value than a text.")


def written(value: Any, _reader: Reader) -> str:
    """Return a value as Python writes it, which is the same for every reader."""
    return str(value)


def one_amount(total: Any) -> dict[str, float]:
    """Return the number of a sum that has no units."""
    return {"": float(total or 0)}


@dataclass(frozen=True, slots=True)
class Days:
    """How the values of a type lie on days."""

    day: Callable[[Any, tzinfo], date]
    """Takes a value that is not none; returns its day in a zone."""
    between: Callable[[date, date, tzinfo], tuple[Any, Any]]
    """Returns the first and the last value from one day to another one in a zone; both days belong to it."""
    clock: Callable[[Any, tzinfo], str] | None = None
    """Returns the time of day of a value in a zone; None where it has none."""


@dataclass(frozen=True, slots=True)
class FieldType:
    """What all processes know of a type."""

    empty: Any
    """The value of a row that was not given one."""
    check: Callable[[Any, Rules], Any]
    """Takes a value and the field's rules; returns the value as it is stored, or raises `Misfit`."""
    expected: str
    """What is asked for when a text cannot be read as one of its values."""
    show: Callable[[Any, Reader], str] = written
    """Returns a value that is not none as this reader writes it."""
    parse: Callable[[str, datetime, str], Any] = cannot_parse
    """Takes what people write, the time and zone in which they do, and their locale ("de", "en-US"; "" if unknown).

    Returns a value, which may still not pass `check`; None for a text without anything in it; or raises `Misfit`.
    """
    sort_key: Callable[[Any], Any] = unchanged
    """Returns what SQLite compares in place of a value that is not none: a number or a text. Equal for equal values."""
    unit_keys: Callable[[Any], tuple[Any, Any]] | None = None
    """Returns the sort keys before and behind all values that can be compared with this one; None: all can."""
    sum_up: Callable[[list[Any]], Any] | None = None
    """Returns the sum of stored values without none; None where they cannot be added up."""
    amounts: Callable[[Any], dict[str, float]] = one_amount
    """Returns the numbers of a sum by their unit, to draw them; "" where there is only one unit."""
    days: "Days | None" = None
    """How its values lie on days; None where they lie on none."""
    is_long: bool = False
    """Its values are texts of several lines."""
    is_list: bool = False
    """Its values may be several at once."""
    is_text: bool = False
    """Its values can be one of several choices, and be searched."""
    is_searched: bool = False
    """Its values can be searched, although they are no plain texts."""
    is_ordered: bool = False
    """Its values have a least and a most."""
    is_switch: bool = False
    """Its values are true and false: they can be toggled, ticked, and filtered by."""
    is_any: bool = False
    """Its values are of any type, also lists and maps: a form shows them as JSON."""
    is_whole: bool = False
    """Its values are whole numbers: a field of it can be a counter."""
    is_link: bool = False
    """Its values are ids of rows of another table."""
    is_when: bool = False
    """Its values say when something is due: the page filters by today, overdue and the next days, and can snooze."""
    is_repeat: bool = False
    """Its values say how often a row comes again: ticking it makes the next one."""
    is_duration: bool = False
    """Its values are seconds, which people tell in minutes, hours or days."""
    is_tags: bool = False
    """Its values are lists of tags, by which the page filters."""
    has_unit: bool = False
    """A unit can be said behind its values."""
    set_by_store: bool = False
    """The store sets it to the time of the insert; no form and no instruction asks for it."""

    @property
    def may_be_none(self) -> bool:
        """Whether a row may have no value of this type; JSON has a none of its own."""
        return self.empty is None and not self.is_any

    @property
    def names_rows(self) -> bool:
        """Whether a value can name a row, as a text, a number, a day or an amount can."""
        return not (self.is_any or self.is_link or self.is_switch)

    def in_words(self, value: Any, reader: Reader = HERE) -> str:
        """Return a value as people write it; what cannot be one as it is."""
        try:
            return self.show(value, reader)
        except (TypeError, ValueError, OverflowError, KeyError, OSError, ArithmeticError):
            return value if type(value) is str else briefly(value)


def wrong_type(value: Any, expected: str) -> Misfit:
    """Return the refusal of a value of another type."""
    return Misfit("wrong_type", f"is {briefly(value)} ({type(value).__name__}). Expected: {expected}.")


def briefly(value: Any) -> str:
    """Return the beginning of a value as Python writes it; "…" for one that Python refuses to write."""
    try:
        return f"{value!r:.60}"
    except (ValueError, RecursionError):  # thousands of digits, or of levels
        return "…"
