"""What an order does to the rows, the instructions that do it, and the rows afterwards. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.tables import Row, Table
from services.agent.parse.arguments import fitted

RowsByTable = dict[str, list[Row]]
"""All rows by the name of their table, in their order."""


@dataclass(frozen=True, slots=True)
class Added:
    """A row is new."""

    table: Table
    values: Row
    """As the assistant writes them."""

    def instruction(self) -> Row:
        """Return the instruction that does it."""
        return {"operation": "insert", "table": self.table.name, "values": as_shown(self.table, self.values)}

    def apply(self, rows: list[Row]) -> None:
        """Do it."""
        new_id = min([0, *(row["id"] for row in rows)]) - 1  # the store gives another one, which nobody knows yet
        empty = {one.name: one.empty for one in self.table.fields}
        rows.append({"id": new_id, **empty, **stored(self.table, self.values)})


@dataclass(frozen=True, slots=True)
class Changed:
    """A row gets other values."""

    table: Table
    id: int
    values: Row

    def instruction(self) -> Row:
        """Return the instruction that does it."""
        values = as_shown(self.table, self.values)
        return {"operation": "update", "table": self.table.name, "id": self.id, "values": values}

    def apply(self, rows: list[Row]) -> None:
        """Do it."""
        rows[place(rows, self.id)].update(stored(self.table, self.values))


@dataclass(frozen=True, slots=True)
class AllChanged:
    """All rows that fulfil a condition get other values."""

    table: Table
    where: Row
    values: Row

    def instruction(self) -> Row:
        """Return the instruction that does it."""
        where, values = as_shown(self.table, self.where), as_shown(self.table, self.values)
        return {"operation": "update", "table": self.table.name, "where": where, "values": values}

    def apply(self, rows: list[Row]) -> None:
        """Do it."""
        for row in rows:
            if fulfils(row, self.where):
                row.update(stored(self.table, self.values))


@dataclass(frozen=True, slots=True)
class Deleted:
    """A row goes."""

    table: Table
    id: int

    def instruction(self) -> Row:
        """Return the instruction that does it."""
        return {"operation": "delete", "table": self.table.name, "id": self.id}

    def apply(self, rows: list[Row]) -> None:
        """Do it."""
        del rows[place(rows, self.id)]


@dataclass(frozen=True, slots=True)
class AllDeleted:
    """All rows that fulfil a condition go."""

    table: Table
    where: Row

    def instruction(self) -> Row:
        """Return the instruction that does it."""
        return {"operation": "delete", "table": self.table.name, "where": as_shown(self.table, self.where)}

    def apply(self, rows: list[Row]) -> None:
        """Do it."""
        rows[:] = [row for row in rows if not fulfils(row, self.where)]


@dataclass(frozen=True, slots=True)
class Moved:
    """A row stands elsewhere. `after`: the id of the row that it stands behind; 0: the top."""

    table: Table
    id: int
    after: int

    def instruction(self) -> Row:
        """Return the instruction that does it."""
        return {"operation": "sort", "table": self.table.name, "id": self.id, "after": self.after}

    def apply(self, rows: list[Row]) -> None:
        """Do it."""
        row = rows.pop(place(rows, self.id))
        rows.insert(place(rows, self.after) + 1 if self.after else 0, row)


Effect = Added | Changed | AllChanged | Deleted | AllDeleted | Moved


@dataclass(frozen=True, slots=True)
class Right:
    """What is right: the effects on the rows, or instructions that change none (to read, to open an app)."""

    effects: tuple[Effect, ...] = ()
    others: tuple[Row, ...] = field(default=())

    @property
    def instructions(self) -> list[Row]:
        """All instructions, in the order in which they are said."""
        return [*(one.instruction() for one in self.effects), *self.others]

    def rows_after(self, before: RowsByTable) -> RowsByTable:
        """Return the rows afterwards."""
        rows = {name: [dict(row) for row in some] for name, some in before.items()}
        for effect in self.effects:
            effect.apply(rows[effect.table.name])
        return rows


def as_shown(table: Table, values: Row) -> Row:
    """Return values under the names that the model is shown: labels, where fields have some."""
    return {table.all_fields[name].called: value for name, value in values.items()}


def stored(table: Table, values: Row) -> Row:
    """Return values as the store keeps them."""
    return {name: fitted(table.all_fields[name], value) for name, value in values.items()}


def place(rows: Sequence[Row], key: int) -> int:
    """Return the place of a row: 0, 1, 2 …"""
    return next(number for number, row in enumerate(rows) if row["id"] == key)


def fulfils(row: Row, where: Row) -> bool:
    """Return whether a row has these values."""
    return all(row[name] == value for name, value in where.items())


def changed_ids(effects: Iterable[Effect]) -> list[Any]:
    """Return the ids of the rows that are named by their id."""
    return [one.id for one in effects if isinstance(one, Changed | Deleted | Moved)]
