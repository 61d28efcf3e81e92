"""How a table is declared: typed fields with limits. Store, agent and web all read the same declaration."""

import json
import math
from dataclasses import dataclass, field
from typing import Any, Literal

from apps.names import problem_of_field, problem_of_table
from bus.errors import PianolaError

Row = dict[str, Any]
FieldType = Literal["text", "integer", "real", "boolean", "json", "time"]

LARGEST_INTEGER = 2**63 - 1
EMPTY: dict[FieldType, Any] = {"text": "", "integer": 0, "real": 0.0, "boolean": False, "json": None, "time": 0.0}


class BadValue(PianolaError):
    """A value does not fit its field, or an order its table. `code` and `details` as in the error of `store.answer`."""

    def __init__(self, code: str, sentence: str, **details: Any) -> None:
        super().__init__(sentence)
        self.code = code
        self.details = details

    def at(self, index: int) -> "BadValue":
        """Return the same, of the order at this place (0, 1, 2 …) among several."""
        return BadValue(self.code, str(self), **{**self.details, "index": index})


@dataclass(frozen=True, slots=True)
class Field:
    """A column. `limit`: characters of a text, or of a JSON value when written. `time`: Unix seconds, set at insert."""

    name: str
    type: FieldType = "text"
    required: bool = False
    """An insert must give it, and it may not be empty."""
    default: Any = None
    limit: int = 1_000
    choices: tuple[str, ...] = ()
    searched: bool = False
    """Found by the full-text search."""
    label: str = ""
    """For people; the name, when empty."""

    @property
    def empty(self) -> Any:
        """The value of a row that was not given one."""
        return EMPTY[self.type] if self.default is None else self.default

    def checked(self, value: Any) -> Any:
        """Return the value as it is stored, or raise `BadValue`."""
        checked = getattr(self, f"_{self.type}")(value)
        if self.required and checked == "":
            raise BadValue("bad_value", f"`{self.name}` is empty. Give it a text.")
        if self.choices and checked not in self.choices:
            raise BadValue("bad_value", f"`{self.name}` is {value!r:.60}. Choose one of: {', '.join(self.choices)}.")
        return checked

    def _wrong(self, value: Any, expected: str) -> BadValue:
        return BadValue("wrong_type", f"`{self.name}` is {value!r:.60} ({type(value).__name__}). Expected: {expected}.")

    def _text(self, value: Any) -> str:
        if type(value) is not str:
            raise self._wrong(value, "a text")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadValue("bad_value", f"`{self.name}` holds half a character (a lone surrogate).") from None
        if len(value) > self.limit:
            raise BadValue(
                "too_long", f"`{self.name}` has {len(value):,} characters, at most {self.limit:,} fit. Shorten it."
            )
        return value.strip() if self.required else value

    def _integer(self, value: Any) -> int:
        if type(value) is not int or not -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER:
            raise self._wrong(value, "a whole number of at most 64 bits")
        return value

    def _real(self, value: Any) -> float:
        if type(value) not in (int, float) or not math.isfinite(value):
            raise self._wrong(value, "a finite number")
        return float(value)

    _time = _real

    def _boolean(self, value: Any) -> bool:
        if value not in (True, False) or type(value) not in (bool, int):
            raise self._wrong(value, "true or false")
        return bool(value)

    def _json(self, value: Any) -> Any:
        try:
            written = json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise self._wrong(value, "what JSON can express") from None
        if len(written) > self.limit:
            raise BadValue("too_long", f"`{self.name}` takes {len(written):,} characters, at most {self.limit:,} fit.")
        return value


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Rows are maps of field to value; each has an `id`."""

    name: str
    fields: tuple[Field, ...]
    label: str = ""
    """One row, for people: "a todo"."""
    keyed: bool = False
    """Ids are texts given by whoever writes, and an update makes the row when it is missing; else 1, 2, 3 …"""
    sortable: bool = False
    """Rows have an order that the user can change: a real field `position`."""
    scoped: bool = False
    """Rows belong to a profile: an integer field `profile`."""
    read_only: bool = False
    """Written by the store itself: orders can only read it."""
    all_fields: dict[str, Field] = field(init=False, compare=False)
    """Every field by its name, `profile` and `position` included, `id` not."""

    def __post_init__(self) -> None:
        problems = [problem_of_table(self.name), *(problem_of_field(one.name) for one in self.fields)]
        for problem in filter(None, problems):
            raise BadValue("bad_value", f"In the table {self.name!r:.60}: {problem}")
        made = {one.name: one for one in self.fields}
        if len(made) < len(self.fields):
            raise BadValue("bad_value", f"the table {self.name} has two fields of the same name.")
        if self.scoped:
            made["profile"] = Field("profile", "integer", default=1)
        if self.sortable:
            made["position"] = Field("position", "real")
        object.__setattr__(self, "all_fields", made)

    @property
    def searched(self) -> tuple[str, ...]:
        """Names of the fields that the full-text search reads."""
        return tuple(one.name for one in self.fields if one.searched)
