"""What one tab shows of the open app: of all rows that pass its filters, those in a window.

The rows themselves are not kept, only numbers: `offset` rows are above the window, `total` rows pass the filters, and
the places of its first and last row are its edges. That is enough to tell for each changed row whether it is in view.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apps.due.spans import is_within
from apps.shown.look import THE_LIST, Look
from apps.tables import Row, Table

ROWS_SHOWN = 200
"""Rows that a page starts with, and that “Show more” adds."""
MOST_ROWS = 1_000
"""Rows in a page at most. “Later rows” replaces them by the following ones."""

MOST_EDITED = 10
"""Rows whose forms are kept in the page at once."""

Key = int | str
Place = tuple[float, Key]
"""What rows are sorted by: their position (0 in a table that is sorted by id), then their id."""

ABOVE, INSIDE, BELOW = -1, 0, 1


@dataclass(frozen=True, slots=True)
class Shown:
    """Which rows a page shows: `count` rows, after the first `offset`, of the `total` that pass the filters."""

    filters: Row = field(default_factory=dict)
    offset: int = 0
    count: int = 0
    total: int = 0
    counts: Mapping[tuple[str, Any], int] = field(default_factory=dict)
    """How many rows of the profile each filter finds, by `Option.key`. The key ("", None) is the number of all rows."""
    look: Look = THE_LIST
    """How the rows are shown."""

    @property
    def more(self) -> bool:
        """Whether rows follow that are not in the page."""
        return self.offset + self.count < self.total


@dataclass(slots=True)
class AppWindow:
    """The open app in one tab."""

    app: str
    filters: Row = field(default_factory=dict)
    offset: int = 0
    limit: int = ROWS_SHOWN
    """How many rows to read when the list is shown again."""
    marked: Key = 0
    """Id of the row to highlight when the list is shown next; 0 for none."""
    parents: frozenset[Key] = frozenset()
    """Ids of the rows in the page under which others stand."""
    edited: tuple[Key, ...] = ()
    """Ids of the rows whose form to edit them is in the page: it comes again with each change of the row."""
    profile: int = 0
    """Id of the profile whose rows are shown; 0 before any are."""
    query: str = ""
    """The query of the address (after the question mark), for an app that reads its data itself."""
    look: Look = THE_LIST
    """How the rows are shown."""
    own: bool = False
    """The rows are not shown as the list, or the app draws them itself: each change draws the whole pane again."""
    jobs: frozenset[int] = frozenset()
    """Ids of the jobs whose progress the page shows."""
    shown: Shown = field(default_factory=Shown)
    version: int = 0
    """Number of changes of `shown` so far."""
    _first: Place | None = None
    _last: Place | None = None

    def show(self, table: Table, rows: Iterable[Row], shown: Shown) -> None:
        """Remember what the page shows now."""
        places = [place(row, table) for row in rows]
        self._first, self._last = (places[0], places[-1]) if places else (None, None)
        self._change(shown)
        self.offset, self.limit, self.marked = shown.offset, max(ROWS_SHOWN, shown.count), 0

    def extend(self, table: Table, rows: tuple[Row, ...]) -> None:
        """Remember rows that were appended to the page."""
        self._last = place(rows[-1], table)
        self._change(replace(self.shown, count=self.shown.count + len(rows)))
        self.limit = max(self.limit, self.shown.count)

    def edit(self, key: Key) -> None:
        """Remember that the form of a row is in the page."""
        self.edited = (*(one for one in self.edited if one != key), key)[-MOST_EDITED:]

    def side(self, at: Place) -> int:
        """Return where a place is: `ABOVE` the window, `INSIDE` it or `BELOW`."""
        if self.shown.offset and self._first and at < self._first:
            return ABOVE
        return BELOW if self.shown.more and self._last and at > self._last else INSIDE

    def is_end(self, at: Place) -> bool:
        """Return whether a row at this place would be the last of the list."""
        return self._last is None or at > self._last

    def count(self, before: Place | None, after: Place | None, counts: Mapping[tuple[str, Any], int]) -> None:
        """Update the numbers after a change of one row.

        `before`, `after`: its old and its new place; None where it did not pass the filters. `counts`: the new counts.
        """
        left, came = self._sides(before), self._sides(after)
        self._change(
            replace(
                self.shown,
                offset=self.shown.offset + came.count(ABOVE) - left.count(ABOVE),
                count=self.shown.count + came.count(INSIDE) - left.count(INSIDE),
                total=self.shown.total + len(came) - len(left),
                counts=counts,
            )
        )
        if after and came == [INSIDE] and self.is_end(after):
            self._last = after

    def _sides(self, at: Place | None) -> list[int]:
        return [] if at is None else [self.side(at)]

    def _change(self, shown: Shown) -> None:
        self.shown = shown
        self.version += 1


def place(row: Row, table: Table) -> Place:
    """Return a row's place in the order of its table."""
    return float(row["position"]) if table.sortable else 0.0, row["id"]


def order_of(table: Table) -> str:
    """Return the field by which the store sorts the rows of a table."""
    return "position" if table.sortable else "id"


def passes(row: Row, where: Row) -> bool:
    """Return whether a row has all values of `where`. An empty row means "no row" and never passes."""
    return bool(row) and all(_has(row.get(name), wanted) for name, wanted in where.items())


def _has(value: Any, wanted: Any) -> bool:
    """Return whether a value is the wanted one, has it in its list, or lies in the wanted span of days."""
    if type(wanted) is dict:
        return value is not None and is_within(value, wanted)
    return wanted in value if type(value) is list else bool(value == wanted)
