"""What an order may do to the rows, and what was done to them. Pure.

`Rows` are all rows of an app at one moment: table to rows, in their order. `differences` compares two moments;
`unexpected` and `missing` compare these differences with the effects that an order names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from apps.tables import Row, Table
from bench.real.patterns import fits

Rows = dict[str, list[Row]]
Verb = Literal["add", "change", "delete", "order"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that an order asks for."""

    verb: Verb
    table: Table
    title: str = ""
    """The row to change or delete: the value of its title."""
    values: Row = field(default_factory=dict)
    """Patterns of the fields of a row that is added or changed."""
    titles: tuple[str, ...] = ()
    """For `order`: the titles of all rows, in their new order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was done."""

    verb: Verb
    table: str
    row: Row
    """The row as it is now; as it was, if it was deleted; empty for `order`."""
    title: str = ""
    """The title that the row had before."""
    fields: tuple[str, ...] = ()
    """The fields that have another value now."""
    titles: tuple[str, ...] = ()
    """For `order`: the titles of all rows, in their new order."""

    def __str__(self) -> str:
        match self.verb:
            case "order":
                return f"order {self.table}: {', '.join(self.titles)}"
            case "change":
                return f"change {self.table} “{self.title}”: {_written({name: self.row[name] for name in self.fields})}"
            case "delete":
                return f"delete {self.table} “{self.title}”"
        return f"add {self.table}: {_written({name: self.row[name] for name in self.fields})}"


def _written(values: Row) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in values.items())


def title_of(table: Table) -> str:
    """Return the name of the field that is the title of a row."""
    texts = [one for one in table.fields if one.kind.is_text]
    return next((one.name for one in texts if one.required), texts[0].name)


def judged_fields(table: Table) -> list[str]:
    """Return the fields that are compared: all that people and models set."""
    return [one.name for one in table.fields if not one.kind.set_by_store]


# --- what was done ---


def differences(before: Rows, after: Rows, tables: Sequence[Table]) -> list[Difference]:
    """Return everything that was done to the rows between two moments."""
    return [one for table in tables for one in _in_table(before[table.name], after[table.name], table)]


def _in_table(before: list[Row], after: list[Row], table: Table) -> Iterator[Difference]:
    was, now = ({row["id"]: _complete(row, table) for row in rows} for rows in (before, after))
    title, names = title_of(table), judged_fields(table)
    for key, row in now.items():
        if key not in was:
            set_fields = tuple(one.name for one in table.fields if one.name in names and row[one.name] != one.empty)
            yield Difference("add", table.name, row, fields=set_fields)
        elif changed := tuple(name for name in names if row[name] != was[key][name]):
            yield Difference("change", table.name, row, title=was[key][title], fields=changed)
    for key, row in was.items():
        if key not in now:
            yield Difference("delete", table.name, row, title=row[title])
    kept_before, kept_after = [key for key in was if key in now], [key for key in now if key in was]
    if table.sortable and kept_before != kept_after:
        yield Difference("order", table.name, {}, titles=tuple(row[title] for row in after))


def _complete(row: Row, table: Table) -> Row:
    """Return a row with all fields; an order says only those that it is about."""
    return {one.name: one.empty for one in table.fields} | row


# --- whether that was asked for ---


def unexpected(done: Sequence[Difference], effects: Sequence[Effect]) -> list[Difference]:
    """Return what was done and is none of these effects. An effect stands for one difference."""
    return _pair(done, effects)[0]


def missing(done: Sequence[Difference], effects: Sequence[Effect]) -> list[Effect]:
    """Return the effects that have not come about."""
    return _pair(done, effects)[1]


def _pair(done: Sequence[Difference], effects: Sequence[Effect]) -> tuple[list[Difference], list[Effect]]:
    left, strange = list(effects), []
    for difference in done:
        effect = next((one for one in left if comes_about(one, difference)), None)
        if effect is None:
            strange.append(difference)
        else:
            left.remove(effect)
    return strange, left


def comes_about(effect: Effect, done: Difference) -> bool:
    """Return whether a difference is this effect, no more and no less."""
    if (effect.verb, effect.table.name) != (done.verb, done.table):
        return False
    match effect.verb:
        case "order":
            return effect.titles == done.titles
        case "delete":
            return effect.title == done.title
        case "add":
            return all(fits(done.row[one.name], _pattern(one, effect)) for one in _fields(effect.table))
    asked = all(fits(done.row[name], pattern) for name, pattern in effect.values.items())
    return effect.title == done.title and asked and set(done.fields) <= set(effect.values)


def free_texts(done: Difference, table: Table) -> list[str]:
    """Return the free texts besides the title that a new row was given, by the names of their fields."""
    free = [one.name for one in table.fields if one.kind.is_text and not one.choices and one.name != title_of(table)]
    return [name for name in free if done.verb == "add" and done.table == table.name and name in done.fields]


def _fields(table: Table) -> list[Any]:
    return [one for one in table.fields if one.name in judged_fields(table)]


def _pattern(one: Any, effect: Effect) -> Any:
    """Return what a field of a new row may hold: what the order says, else nothing; in a free text anything."""
    is_free = one.kind.is_text and not one.choices
    return effect.values.get(one.name, "*" if is_free else one.empty)
