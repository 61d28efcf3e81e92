"""What the store said for a view of rows: for a table, a calendar, a board, a chart, or the page of one row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from apps.tables import Field, Row, Table


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with the same value, or of the same span of time: how many they are, and their sums by field."""

    value: Any = None
    count: int = 0
    sums: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableSeen:
    """A table. Its rows are those of the page's window."""

    total: Group = field(default_factory=Group)
    """Of all rows that pass the filters, not only those in the page."""
    groups: tuple[Group, ...] = ()
    """The same for each value of the field that rows are grouped by."""


@dataclass(frozen=True, slots=True)
class CalendarSeen:
    """A month of a calendar."""

    first: date
    """The first day of the month."""
    today: date
    weeks: tuple[tuple[date, ...], ...]
    """Its days, and those that fill its first and last week."""
    days: Mapping[date, tuple[Row, ...]] = field(default_factory=dict)
    undated: int = 0
    """How many rows have no day."""
    left_out: int = 0
    """How many rows of these weeks do not fit into the page."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a board."""

    value: str
    """What its rows have; "" for none of the choices."""
    rows: tuple[Row, ...] = ()
    total: int = 0
    """How many rows it has, in the page or not."""


@dataclass(frozen=True, slots=True)
class BoardSeen:
    """A board."""

    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class ChartSeen:
    """A chart: a number for each group or span."""

    groups: tuple[Group, ...]
    left_out: int = 0
    """How many further groups there are."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Rows that link to the row of a page."""

    table: Table
    field: Field
    rows: tuple[Row, ...]
    total: int


@dataclass(frozen=True, slots=True)
class RowSeen:
    """The page of one row."""

    row: Row | None
    """None if it is not there (any more), or belongs to another profile."""
    incoming: tuple[Incoming, ...] = ()
    changes: tuple[Row, ...] = ()
    """Its history, the newest change first: rows of the table `change`."""
    more: bool = False
    """Whether it has older changes."""


Seen = TableSeen | CalendarSeen | BoardSeen | ChartSeen | RowSeen
