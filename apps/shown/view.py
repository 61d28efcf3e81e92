"""`View`: how the rows of a table are shown. Plain data; `check.py` says what fits a table."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["list", "table", "calendar", "board", "chart"]
KINDS: tuple[Kind, ...] = get_args(Kind)

UNITS = ("day", "week", "month", "year")
"""Spans of time over which a chart counts or adds up."""


@dataclass(frozen=True, slots=True)
class View:
    """One way to show rows. Each kind uses the fields that are named for it; the table gives what is left out."""

    kind: Kind = "list"
    name: str = ""
    """What an address and an instruction call it; the kind if empty."""
    label: str = ""
    """Its name for people; made from the kind if empty."""
    columns: tuple[str, ...] = ()
    """table: the fields that are its columns, in their order."""
    sort: str = ""
    """table: the field that it is sorted by; `-field`: descending. "": the order of the list."""
    group: str = ""
    """table: rows with the same value of this field stand together, under a head with their number and sums."""
    sums: tuple[str, ...] = ()
    """table: the fields that are added up."""
    date: str = ""
    """calendar, chart: the field that says on which day a row is."""
    by: str = ""
    """board: the field with choices whose values are the columns."""
    sum: str = ""
    """chart: the field that is added up; "": rows are counted."""
    over: str = ""
    """chart: a span of time (`UNITS`), or the field by whose values rows are grouped."""

    @property
    def called(self) -> str:
        """What an address and an instruction call it."""
        return self.name or self.kind

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.label or self.kind.capitalize()


LIST = View()
OPTIONS: dict[Kind, tuple[str, ...]] = {
    "list": (),
    "table": ("columns", "sort", "group", "sums"),
    "calendar": ("date",),
    "board": ("by",),
    "chart": ("sum", "over", "date"),
}
"""What can be set of each kind, in a declaration and in an address."""
SEVERAL = ("columns", "sums")
"""Options that name several fields."""
