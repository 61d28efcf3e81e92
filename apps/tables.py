"""Declare a table: typed fields with limits. Store, agent and web use the same declaration."""

from dataclasses import dataclass, field
from typing import Any

from apps.names import (
    GIVEN_FIELDS,
    compared,
    problem_of_field,
    problem_of_label,
    problem_of_name,
    problem_of_table,
)
from apps.shown.view import View
from apps.types import FIELD_TYPES, TypeName
from apps.types.kinds import FieldType, Misfit, Rules
from apps.types.reader import HERE, Reader
from apps.types.unix_time import TIME
from bus.checks.shapes import misfit as shape_misfit
from bus.errors import PianolaError

Row = dict[str, Any]

NO_RULES = Rules(limit=2**63, several=True)


class BadValue(PianolaError):
    """A value does not fit its field, or an order does not fit its table. `code`, `details`: see `store.answer`."""

    def __init__(self, code: str, sentence: str, **details: Any) -> None:
        super().__init__(sentence)
        self.code = code
        self.details = details
        self.field = str(details.get("field", ""))

    def at(self, index: int) -> "BadValue":
        """Return the same error for the order at this index (0, 1, 2 …) among several."""
        return BadValue(self.code, str(self), **{**self.details, "index": index})

    def within(self, place: str) -> "BadValue":
        """Return the same error of a part of a larger value: `least` of `fields.1` becomes `fields.1.least`."""
        return BadValue(self.code, str(self), **{**self.details, "field": f"{place}.{self.field}".rstrip(".")})


@dataclass(frozen=True, slots=True)
class Field:
    """A column. `limit`: characters of a text, or of a JSON value when written. `time`: Unix seconds, set at insert."""

    name: str
    type: TypeName = "text"
    required: bool = False
    """An insert must give a value, and it may not be empty."""
    default: Any = None
    limit: int = 1_000
    choices: tuple[str, ...] = ()
    searched: bool = False
    """Found by the full-text search."""
    label: str = ""
    """Name for people; the field's name if empty."""
    none: bool = False
    """A number may be none: a row without a value then has none, not 0. Values of the newer types always may."""
    unit: str = ""
    """What stands behind a number, like "km"; for money, the currency of an amount that is given without one."""
    least: Any = None
    most: Any = None
    """The smallest and the largest value of a number, day, moment, duration or amount; None for no limit."""
    to: str = ""
    """For a link: the table to whose rows it leads, of any app."""
    several: bool = False
    """For a link: it may lead to several rows."""
    shape: Any = field(default=None, compare=False)
    """For json: what a value that is not None must hold (`bus.checks.shapes`); None: anything."""
    is_moment: bool = field(default=False, compare=False)
    """A real number is a moment, in Unix seconds: people are shown a date and a time. 0 stands for none."""
    counter: bool = field(default=False, compare=False)
    """A whole number that only grows: an undo lets it go on by one, so that no earlier state comes again. The undo of a
    change in which it grew takes back the other changes of the same order, too."""

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        if problem := problem_of_field(self.name) if self.name not in GIVEN_FIELDS else "":
            raise self._bad(problem)
        if self.type not in tuple(FIELD_TYPES):
            raise self._bad(f"its type is {self.type!r:.40}. Expected one of: {', '.join(FIELD_TYPES)}.")
        if problem := problem_of_label(self.label):
            raise self._bad(problem)
        if type(self.limit) is not int or self.limit < 1:
            raise self._bad(f"its limit is {self.limit!r:.40}. Expected a number of characters, 1 or more.")
        if problem := self._problem_of_options():
            raise self._bad(problem)
        for value in (self.default, self.least, self.most):
            if value is not None:
                self.fitted(value)
        if self.default is not None:
            self.checked(self.default)

    def _problem_of_options(self) -> str:
        """Return which option does not fit its type, "" if all do."""
        kind = self.kind
        if self.choices and not kind.is_text:
            return f"it is {self.type}. Only a text can have choices."
        if self.searched and not (kind.is_text or kind.is_searched):
            return f"it is {self.type}. Only texts, tags and addresses can be searched."
        if self.is_moment and not isinstance(kind.empty, float):
            return f"it is {self.type}. Only a real number can be a moment."
        if self.counter and not kind.is_whole:
            return f"it is {self.type}. Only an integer can be a counter."
        if self.unit and not kind.has_unit:
            return f"it is {self.type}. Only a number or money can have a unit."
        if not kind.is_ordered and (self.least is not None or self.most is not None):
            return f"it is {self.type}. Only what can be compared has a least or a most."
        if kind.is_link and (problem := problem_of_name("a table", self.to)):
            return f"`to` must name the table to whose rows it leads: {problem}"
        if (self.to or self.several) and not kind.is_link:
            return f"it is {self.type}. Only a link can have `to` or `several`."
        if self.none and not (kind.is_ordered or kind.may_be_none):
            return f"it is {self.type}. Only a number can be none; a text is empty instead."
        return ""

    def _bad(self, problem: str) -> BadValue:
        return BadValue("bad_value", f"The field {self.name!r:.60} cannot be declared so: {problem}")

    @property
    def called(self) -> str:
        """What people call it, in a sentence: its label, else its name."""
        return self.label or self.name

    @property
    def heading(self) -> str:
        """What people call it, at the beginning of a line. A label with capital letters stays as it is."""
        words = self.label or self.name.replace("_", " ")
        return words if words != words.lower() else words.capitalize()

    @property
    def kind(self) -> FieldType:
        """What all processes know of its type."""
        return FIELD_TYPES[self.type]

    @property
    def rules(self) -> Rules:
        """What it asks of its values, beside their type."""
        return Rules(self.limit, self.unit, self.several)

    @property
    def may_be_none(self) -> bool:
        """Whether a row may have no value; of JSON, none is a value like others."""
        return self.kind.may_be_none or self.none

    @property
    def may_be_unchosen(self) -> bool:
        """Whether a row may have none of the choices: an insert that says nothing leaves it so."""
        return bool(self.choices) and self.default is None and not self.required

    @property
    def empty(self) -> Any:
        """The value of a row that was not given one."""
        return self.default if self.default is not None else None if self.none else self.kind.empty

    def checked(self, value: Any) -> Any:
        """Return the value as it is stored, or raise `BadValue`."""
        checked = None if value is None and self.may_be_none else self.fitted(value)
        if self.shape and value is not None and (problem := shape_misfit(value, self.shape)):
            raise self.misfit("wrong_type", f"does not have the shape that it must have: {problem}.")
        if self.required and self.kind.is_text:
            checked = str(checked).strip()
        if self.required and (checked == "" or (checked is None and self.may_be_none)):
            raise self.misfit("bad_value", f"is empty. Give it {self.kind.expected}.")
        if self.choices and checked not in self.choices and not (checked == "" and self.may_be_unchosen):
            raise self.misfit("bad_value", f"is {value!r:.60}. Choose one of: {', '.join(self.choices)}.")
        if checked is not None and not (self.least is None and self.most is None):
            self._compare(checked)
        return checked

    def in_words(self, value: Any, reader: Reader = HERE) -> str:
        """Return a value that is not none as this reader writes it."""
        if self.is_moment:
            return TIME.in_words(value, reader) if value else "nothing"
        return self.kind.in_words(value, reader)

    def fitted(self, value: Any) -> Any:
        """Return a value of its type as it is stored, or raise `BadValue`. What else is asked is not looked at."""
        try:
            return self.kind.check(value, self.rules)
        except Misfit as misfit:
            raise self.misfit(misfit.code, misfit.problem) from None

    def _compare(self, value: Any) -> None:
        """Raise `BadValue` for a value below the least or above the most. Amounts compare within one currency."""
        key, shown = self.kind.sort_key(value), self.kind.in_words
        for limit, word, sign in ((self.least, "least", 1), (self.most, "most", -1)):
            if limit is None:
                continue
            bound = self.fitted(limit)
            low, high = self.kind.unit_keys(bound) if self.kind.unit_keys else (key, key)
            at = self.kind.sort_key(bound)
            if not low <= key <= high or (key < at if sign > 0 else key > at):
                raise self.misfit("bad_value", f"is {shown(value)}. Expected at {word} {shown(bound)}.")

    def misfit(self, code: str, problem: str) -> BadValue:
        """Return the error for a value that does not fit; it names the field, so that a form can mark it."""
        return BadValue(code, f"`{self.called}` {problem}", field=self.name)

    def could_be(self, value: Any) -> bool:
        """Return whether a stored value may be this one: its type, and its choices. Its limit may have been another."""
        if self.kind.is_any:
            return value is None or not self.shape or not shape_misfit(value, self.shape)
        if value is None:
            return self.may_be_none
        try:
            checked = self.kind.check(value, NO_RULES)
        except Misfit:
            return False
        return not self.choices or checked in (*self.choices, self.empty)


@dataclass(frozen=True, slots=True)
class Table:
    """A table. A row is a map of field to value, and has an `id`."""

    name: str
    fields: tuple[Field, ...]
    label: str = ""
    """What one row is called, for people: "a todo"."""
    plural: str = ""
    """What several rows are called: "diaries". Without it, the label with an s."""
    title: str = ""
    """The name of the field that names a row. Without it, the first required text, else the first text, else the first
    field."""
    keyed: bool = False
    """True: ids are texts chosen by the writer, and an update inserts a missing row. False: ids are 1, 2, 3 …"""
    sortable: bool = False
    """Rows have an order that the user can change, in a real field `position`."""
    scoped: bool = False
    """Each row belongs to a profile, in an integer field `profile`."""
    made_by_jobs: bool = False
    """Jobs make its rows: the assistant makes none, it starts a job."""
    nested: str = ""
    """Name of a link to a row of the same table: a row stands under the one that it leads to, as a part of it."""
    quick_entry: bool = False
    """Rows are added by one line, in which dates, repeats and tags are found: "call the bank tomorrow 9:00 #home"."""
    read_only: bool = False
    """Only the store itself writes the table; orders can only read it."""
    unique: tuple[tuple[str, ...], ...] = ()
    """Fields that no two rows have the same values in, each group for itself; in a scoped table, of one profile. A row
    with none in one of them is like no other."""
    indexed: tuple[str, ...] = ()
    """Fields by whose values rows are found or sorted often. Each gets an index."""
    views: tuple[View, ...] = field(default=(), compare=False)
    """How its rows can be shown, beside the list and what its fields allow; see `apps.shown.check.views_of`."""
    offers: tuple[str, ...] = field(default=(), compare=False)
    """Kinds of views that are offered beside those in `views`. Without it: the list, and all that its fields allow."""
    opens: str = field(default="", compare=False)
    """The name of the view that opens first. Without it, the list."""
    remembered: bool = True
    """The history keeps the values of its rows. False: only that a row changed, which then cannot be undone."""
    all_fields: dict[str, Field] = field(init=False, compare=False)
    """Every field by name, with `profile` and `position`, without `id`."""

    def __post_init__(self) -> None:
        if problem := self._problem():
            raise BadValue("bad_value", f"The table {self.name!r:.60} cannot be declared so: {problem}")
        made = {one.name: one for one in self.fields}
        if self.scoped:
            made["profile"] = Field("profile", "integer", default=1)
        if self.sortable:
            made["position"] = Field("position", "real")
        object.__setattr__(self, "all_fields", made)

    def _problem(self) -> str:
        labels = problem_of_label(self.label) or problem_of_label(self.plural)
        return problem_of_table(self.name) or labels or self._problem_of_fields()

    def _problem_of_fields(self) -> str:
        if type(self.fields) is not tuple or not all(isinstance(one, Field) for one in self.fields) or not self.fields:
            return f"its fields are {self.fields!r:.60}. Expected a tuple of at least one Field."
        names = [one.name for one in self.fields]
        if given := [name for name in names if name in GIVEN_FIELDS]:
            return f"{given[0]!r} is reserved: sortable=True gives `position`, scoped=True `profile`."
        if twice := [name for name in names if names.count(name) > 1]:
            return f"it has two fields named {twice[0]!r}."
        if self.title and self.title not in names:
            return f"its title is {self.title!r:.60}, which is no field of it. It has: {', '.join(names)}."
        if bad := [one for one in self.fields if one.name == self.title and not one.kind.names_rows]:
            expected = "Expected a field for a text, a number, a day or an amount"
            return f"its title is {bad[0].name!r}, of the type {bad[0].type}. {expected}."
        if unknown := [name for group in self.unique for name in group if name not in names]:
            return f"`unique` names {unknown[0]!r:.60}, which is no field of it. It has: {', '.join(names)}."
        if unknown := [name for name in self.indexed if name not in names]:
            return f"`indexed` names {unknown[0]!r:.60}, which is no field of it. It has: {', '.join(names)}."
        if self.nested and not any(one.name == self.nested and self._leads_to_itself(one) for one in self.fields):
            return f"`nested` is {self.nested!r:.60}. Expected the name of a link to one row of the same table."
        return "a keyed table cannot be searched." if self.keyed and self.searched else ""

    def _leads_to_itself(self, one: Field) -> bool:
        return one.to == self.name and not one.several

    def fits(self, key: Any, row: Row) -> bool:
        """Return whether a row that was heard could be one of ours: the id `key`, and all fields with such values."""
        if row.get("id") != key or type(key) is not (str if self.keyed else int):
            return False
        return all(one.could_be(row.get(one.name)) for one in self.all_fields.values())

    @property
    def title_field(self) -> Field:
        """The field that names a row for people."""
        texts = [one for one in self.fields if one.kind.is_text and not one.choices]
        made = next((one for one in texts if one.required), (*texts, *self.fields)[0])
        return self.all_fields[self.title] if self.title else made

    def field_called(self, text: str) -> Field | None:
        """Return the field of this name or label, in any case; names go before labels."""
        wanted = compared(text)
        by_label = ((one.label, one) for one in self.fields if one.label)
        named = ((name, one) for name, one in (*self.all_fields.items(), *by_label))
        return next((one for name, one in named if compared(name) == wanted), None)

    @property
    def counters(self) -> tuple[str, ...]:
        """Names of the fields that only grow."""
        return tuple(one.name for one in self.fields if one.counter)

    @property
    def searched(self) -> tuple[str, ...]:
        """Names of the fields in the full-text search."""
        return tuple(one.name for one in self.fields if one.searched)

    @property
    def links(self) -> tuple[Field, ...]:
        """The fields that lead to rows."""
        return tuple(one for one in self.fields if one.kind.is_link)

    @property
    def due_field(self) -> Field | None:
        """The field that says when a row is due."""
        return next((one for one in self.fields if one.kind.is_when), None)

    @property
    def repeat_field(self) -> Field | None:
        """The field that says how often a row comes again; None where ticking makes no next one."""
        found = next((one for one in self.fields if one.kind.is_repeat), None)
        return found if self.due_field and self.switches else None

    @property
    def needs_only_a_title(self) -> bool:
        """Whether a row can be added by one line."""
        return self.quick_entry and not self.read_only and not self.made_by_jobs

    @property
    def switches(self) -> list[str]:
        """Names of the fields that are true or false."""
        return [one.name for one in self.fields if one.kind.is_switch]
