"""What could be tidied, as cards: what exactly would change, and the orders that do it. Pure.

The orders of a card are refused if one of its rows has changed since. `Card.seen` names exactly what a card shows: who
agrees to it agrees to that and nothing else.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from apps.daily.due import Due
from apps.names import compared, without_article
from apps.sentences import title_of
from apps.tables import Row, Table

OVERDUE, DONE, TWICE = "overdue", "done", "twice"
"""Kinds of cards: what is overdue, what has been done for a while, what is there twice."""
DONE_WORDS = frozenset(("done", "finished", "completed", "closed", "erledigt", "fertig", "fait", "fini", "hecho"))
MOVED_TYPES = ("when", "date")
"""Types of fields whose day can be changed as it is."""
MOST_LINES = 50
"""Rows of one card."""


@dataclass(frozen=True, slots=True)
class Line:
    """What would become of one row. `after`: "" where it would be deleted."""

    row: Row
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Card:
    """A proposal. `field`: the one that would change, "" where rows would be deleted."""

    kind: str
    table: Table
    lines: tuple[Line, ...]
    field: str = ""
    more: int = 0
    """Further rows, which the card leaves out."""

    @property
    def name(self) -> str:
        """Its name: "overdue-todo"."""
        return f"{self.kind}-{self.table.name}"

    @property
    def rows(self) -> str:
        """What it is about: "1 todo", "3 todos"."""
        word, number = without_article(self.table.label or self.table.name), len(self.lines)
        many = self.table.plural or f"{word}s"
        return f"1 {word}" if number == 1 else f"{number:,} {many}"

    @property
    def seen(self) -> str:
        """A short text that is another one if any row is another one."""
        shown = json.dumps([self.name, *(line.row for line in self.lines)], sort_keys=True)
        return hashlib.sha256(shown.encode()).hexdigest()[:16]

    @property
    def orders(self) -> list[Row]:
        """What it does, as orders of a batch."""
        return [order for line in self.lines for order in self._orders_of(line)]

    def _orders_of(self, line: Line) -> Iterator[Row]:
        key = {"table": self.table.name, "id": line.row["id"]}
        if self.field:
            values, where = {self.field: line.after}, {**self._boxes(line.row), self.field: line.before}
            yield {"verb": "update", **key, "values": values, "where": where}
            return
        where = {one.name: line.row[one.name] for one in self.table.fields if one.name in line.row}
        yield {"verb": "update", **key, "values": {}, "where": where}
        yield {"verb": "delete", **key}

    def to(self, day: date) -> "Card":
        """Return the same card, with another day to which the rows would be moved."""
        moved = (replace(one, after=on_day(one.before, day)) for one in self.lines)
        return replace(self, lines=tuple(moved)) if self.field else self

    def _boxes(self, row: Row) -> Row:
        return {name: row[name] for name in self.table.switches[:1]}


def overdue_card(dues: Sequence[Due], day: date, now: datetime) -> Card | None:
    """Return the card that moves rows of one table to a day: those whose day is over. They keep their time of day."""
    found = [one for one in dues if one.at[:10] < now.date().isoformat() and one.table.done]
    if not found or found[0].table.field.type not in MOVED_TYPES:
        return None
    table, field = found[0].table.table, found[0].table.field
    lines = tuple(Line(one.row, one.row[field.name], on_day(one.row[field.name], day)) for one in found)
    return Card(OVERDUE, table, lines[:MOST_LINES], field.name, max(0, len(lines) - MOST_LINES))


def on_day(value: str, day: date) -> str:
    """Return a date on another day, with its time of day if it has one."""
    return day.isoformat() + value[10:]


def done_field(table: Table) -> str:
    """Return the field that says that a row is done; "" for a table whose rows are never done."""
    box = table.switches[0] if table.switches else ""
    return box if box and (table.due_field or compared(box) in DONE_WORDS) else ""


def done_card(table: Table, rows: Iterable[Row], changed: Collection[Any]) -> Card | None:
    """Return the card that deletes rows that are done. `changed`: ids of rows that were changed lately: they stay."""
    done = done_field(table)
    found = [row for row in rows if done and row[done] and row["id"] not in changed]
    return _deleting(DONE, table, _without_above(found, rows, table))


def twice_card(table: Table, rows: Sequence[Row]) -> Card | None:
    """Return the card that deletes rows that say the same as an earlier open one."""
    done = done_field(table)
    seen: set[str] = set()
    found = []
    for row in sorted(rows, key=lambda one: one["id"]):
        said = "" if done and row[done] else _said(row, table)
        if said and said in seen:
            found.append(row)
        seen.add(said)
    return _deleting(TWICE, table, _without_above(found, rows, table))


def _said(row: Row, table: Table) -> str:
    """Return what a row says, for comparing; "" for a row without a title."""
    title = title_of(row, table)
    rest = {one.name: row.get(one.name) for one in table.fields if not one.kind.set_by_store}
    rest[table.title_field.name] = " ".join(title.casefold().split())
    return json.dumps(rest, sort_keys=True) if title else ""


def _without_above(found: Iterable[Row], rows: Iterable[Row], table: Table) -> list[Row]:
    """Return the rows under which no other row stands."""
    above = {key for row in rows for key in (row.get(table.nested) or ())} if table.nested else set()
    return [row for row in found if row["id"] not in above]


def _deleting(kind: str, table: Table, rows: Sequence[Row]) -> Card | None:
    lines = tuple(Line(row, title_of(row, table), "") for row in rows[:MOST_LINES])
    return Card(kind, table, lines, more=max(0, len(rows) - MOST_LINES)) if lines else None
