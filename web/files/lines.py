"""Read the records of a sheet as rows of a table: checks each value, and notes each problem with its line and field."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.tables import BadValue, Field, Row, Table
from apps.types.kinds import briefly
from web.files import cells
from web.files.sheets import BadSheet, Record, Sheet

SHOWN_CHARACTERS = 60
"""Characters of a value that a problem shows."""

MOST_LEFT_OUT = 20
"""How many columns without a field are remembered."""
BLANKS = " \t\r\n\v\f\ufeff\u200b\u200e\u200f"

GIVEN_BY_STORE = ("position",)
"""Columns that are ignored: the order of the lines becomes the order of the rows."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line. `field` and `value` are empty if the whole line is wrong."""

    line: int
    field: str
    value: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line as a row to insert, or with its problems. `key`: the id of a row of a keyed table."""

    number: int
    values: Row
    key: str = ""
    part: bool = False
    """It becomes a row under the last line before it that is no part."""
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class LineReader:
    """Reads records as rows of one table."""

    table: Table
    profiles: Mapping[str, int]
    """Ids by name: a sheet holds the names of profiles, because their ids differ from machine to machine."""
    profile: int
    """Id of the profile for rows that name none."""
    left_out: dict[str, None] = field(default_factory=dict)
    """The first columns found that the table does not have."""
    _fields: dict[str, Field] = field(init=False)
    """The field of each column that is read, by name and by label."""

    def __post_init__(self) -> None:
        fields = [one for one in self.table.all_fields.values() if one.name not in GIVEN_BY_STORE]
        if self.table.keyed:
            fields.append(Field("id", limit=100, required=True))
        labels = {column_name(one.label): one for one in fields if one.label}
        self._fields = labels | {one.name: one for one in fields}

    @property
    def columns(self) -> tuple[str, ...]:
        """What a column may be called: names and labels, in lower case."""
        return (*self._fields, *GIVEN_BY_STORE, "id")

    def lines(self, sheet: Sheet) -> Iterator[Line]:
        """Return the lines of a sheet; raises `BadSheet`."""
        self._check_header(sheet)
        return (self._line(record, typed=sheet.typed) for record in sheet.records)

    def _check_header(self, sheet: Sheet) -> None:
        if sheet.typed:
            return
        named = [one.name for column in sheet.columns if (one := self.field_of(column))]
        if twice := next((name for name, times in Counter(named).items() if times > 1), ""):
            raise BadSheet(f"The header names the column {self._called(twice)!r:.60} twice. Expected each once.")
        required = ["id"] if self.table.keyed else []
        required += [one.name for one in self.table.fields if one.required]
        missing = [name for name in required if name not in named]
        if missing:
            found = ", ".join(name[:30] for name in sheet.columns[:20] if column_name(name)) or "none"
            raise BadSheet(
                f"The column `{self._called(missing[0])}` is missing, which every row of {self.table.name} needs. "
                f"The first line names: {found}."
            )

    def field_of(self, column: str) -> Field | None:
        """Return the field of a column, found by its name or its label; None for a column that is ignored."""
        return self._fields.get(column_name(column))

    def _called(self, name: str) -> str:
        return self._fields[name].called

    def _line(self, record: Record, *, typed: bool) -> Line:
        if record.problem:
            problem = Problem(record.line, "", "", record.problem)
            return Line(record.line, {}, part=record.part, problems=(problem,))
        values, problems = Row(), list[Problem]()
        for column, value in record.values.items():
            one = self.field_of(column)
            if one is None:
                self._leave_out(column)
                continue
            try:
                if one.name in values:
                    raise BadValue("bad_value", f"`{one.called}` is named twice. Expected once.")
                if cells.is_given(one, value, typed=typed):
                    values[one.name] = self._value(one, value, typed=typed)
            except BadValue as problem:
                problems.append(Problem(record.line, one.name, shown(value), str(problem)))
        problems += self._missing(record, values, {problem.field for problem in problems})
        if self.table.scoped:
            values.setdefault("profile", self.profile)
        return Line(record.line, values, str(values.pop("id", "")), record.part, tuple(problems))

    def _leave_out(self, column: str) -> None:
        if column_name(column) and len(self.left_out) < MOST_LEFT_OUT:
            self.left_out[column] = None

    def _missing(self, record: Record, values: Row, known: set[str]) -> list[Problem]:
        required = [one.name for one in self.table.fields if one.required]
        required += ["id"] if self.table.keyed else []
        return [
            Problem(record.line, name, "", f"`{called}` is missing. Every row of {self.table.name} needs it.")
            for name, called in zip(required, map(self._called, required), strict=True)
            if name not in values and name not in known
        ]

    def _value(self, one: Field, value: Any, *, typed: bool) -> Any:
        if one.name == "profile":
            return self._profile(value)
        return one.checked(cells.read_typed(one, value) if typed else cells.read(one, value))

    def _profile(self, value: Any) -> int:
        name = cells.restored(value) if type(value) is str else value
        if type(name) is not str or name not in self.profiles:
            known = ", ".join(list(self.profiles)[:20])
            raise BadValue("bad_value", f"There is no profile {name!r:.60}. There are: {known}.")
        return self.profiles[name]


def column_name(text: str) -> str:
    """Return the name of a column in the form by which its field is found; "" for a column without a name."""
    return unicodedata.normalize("NFKC", text).strip(BLANKS).casefold()


def shown(value: Any) -> str:
    """Return a value as a problem shows it."""
    text = value.encode(errors="replace").decode() if type(value) is str else briefly(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
