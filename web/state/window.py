"""What one tab shows of the open app: the rows that pass its filters, and the window of them that is in the page.

The window is counted, not kept: `offset` rows lie above it, `total` pass the filters, and two places in the order of
the rows are its edges. That is enough to know for each fact whether it is in view.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apps.tables import Row, Table

ROWS_SHOWN = 200
"""Rows that a page begins with, and that come at once when there is more to see."""
MOST_ROWS = 1_000
"""Rows of one page; what follows comes in the place of them."""

Key = int | str
Place = tuple[float, Key]
"""What rows are ordered by: their position (0 where the order is that of the ids), then their id."""

ABOVE, INSIDE, BELOW = -1, 0, 1


@dataclass(frozen=True, slots=True)
class Shown:
    """Which rows a page shows: `count` from `offset` on, of `total` that pass the filters."""

    filters: Row = field(default_factory=dict)
    offset: int = 0
    count: int = 0
    total: int = 0
    counts: Mapping[tuple[str, Any], int] = field(default_factory=dict)
    """How many rows of the profile each option of the filters finds, by `Option.key`; ("", None): all."""

    @property
    def more(self) -> bool:
        """Rows follow that are not in the page."""
        return self.offset + self.count < self.total


@dataclass(slots=True)
class AppWindow:
    """The open app in one tab."""

    app: str
    filters: Row = field(default_factory=dict)
    offset: int = 0
    limit: int = ROWS_SHOWN
    """How many rows are asked for when the list is shown anew."""
    marked: Key = 0
    """The row to be pointed out when the list is shown next."""
    profile: int = 0
    """The one whose rows are shown; 0 before they are."""
    query: str = ""
    """What the address says behind the question mark, for an app that reads for itself what it shows."""
    own: bool = False
    """The app shows its rows in a view of its own: each change draws the whole pane anew."""
    shown: Shown = field(default_factory=Shown)
    version: int = 0
    """Counts what changed `shown`."""
    _first: Place | None = None
    _last: Place | None = None

    def show(self, table: Table, rows: Iterable[Row], shown: Shown) -> None:
        """Take over what the page shows now."""
        places = [place(row, table) for row in rows]
        self._first, self._last = (places[0], places[-1]) if places else (None, None)
        self._change(shown)
        self.offset, self.limit, self.marked = shown.offset, max(ROWS_SHOWN, shown.count), 0

    def extend(self, table: Table, rows: tuple[Row, ...]) -> None:
        """Take over rows that were appended to the page."""
        self._last = place(rows[-1], table)
        self._change(replace(self.shown, count=self.shown.count + len(rows)))
        self.limit = max(self.limit, self.shown.count)

    def side(self, at: Place) -> int:
        """Return on which side of the window a place lies."""
        if self.shown.offset and self._first and at < self._first:
            return ABOVE
        return BELOW if self.shown.more and self._last and at > self._last else INSIDE

    def is_end(self, at: Place) -> bool:
        """Return whether a row of this place would be the last one of the list."""
        return self._last is None or at > self._last

    def count(self, before: Place | None, after: Place | None, counts: Mapping[tuple[str, Any], int]) -> None:
        """Count a change: where a row that passes the filters was, where it is now, and the new counts."""
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
    """Return what the rows of a table are ordered by."""
    return float(row["position"]) if table.sortable else 0.0, row["id"]


def order_of(table: Table) -> str:
    """Return the field that the store is to sort the rows of a table by."""
    return "position" if table.sortable else "id"


def passes(row: Row, where: Row) -> bool:
    """Return whether a row has all the values; an empty one, which stands for none, has not."""
    return bool(row) and all(row.get(name) == value for name, value in where.items())
