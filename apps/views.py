"""What an app's `web.py` sees, and what it may return. Loaded by web alone."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastcore.xml import FT

from apps.tables import Row, Table
from bus.messages import StoreAnswer, StoreOrder

Ask = Callable[[StoreOrder], Awaitable[StoreAnswer]]
"""Sends an order to the store; returns its answer, or raises `Refused` or `NoAnswer`."""


def commands(do: str, **values: object) -> dict[str, object]:
    """Return the attributes that make a click, a change of an input, or a form's submission send a command."""
    texts = {name: value if isinstance(value, dict) else str(value) for name, value in values.items()}
    return {"ws_send": True, "hx_vals": json.dumps({"do": do, **texts})}


async def nobody_answers(order: StoreOrder) -> StoreAnswer:
    """Stand where only the hook `read` may ask: a view is drawn from what is known."""
    raise RuntimeError(f"the order {order.verb} {order.table} came too late: ask in the hook `read`")


class Pieces(Protocol):
    """The generated pieces of a page, for a view that wants to keep some of them. Live, like the generated view."""

    def form(self) -> FT:
        """Return the form that adds a row."""

    def row(self, row: Row) -> FT:
        """Return a row, with its tools, as an item of a list."""

    def list(self, rows: Sequence[Row]) -> FT:
        """Return the list of rows, which can be edited, moved and deleted in it."""


@dataclass(frozen=True, slots=True)
class AppView:
    """What there is to show of an app, at one moment."""

    app: str
    table: Table
    rows: tuple[Row, ...]
    """Those in the window, in their order; of the profile in view when the table is scoped."""
    pieces: Pieces
    total: int = 0
    """How many rows match the filter, in the window or not."""
    profile: int = 0
    """Id of the profile in view."""
    filter: Row = field(default_factory=dict)
    """What the user chose to see, as a `where` map of the store."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Values of the table `setting`, by key."""
    tables: Mapping[str, tuple[Table, ...]] = field(default_factory=dict)
    """The tables of each sound app."""
    query: Mapping[str, str] = field(default_factory=dict)
    """What the address says behind the question mark."""
    limit: int = 0
    """How many rows the hook `read` is to show; grows with the command `more`."""
    offset: int = 0
    """How many it is to leave out before them; set by the command `page`."""
    ask: Ask = nobody_answers
    """For the hook `read`: the way to the store."""
    read: Any = None
    """What the hook `read` returned."""


@dataclass(frozen=True, slots=True)
class Action:
    """An entry of the actions menu: changes that are carried out together, all or none, and can be undone."""

    label: str
    orders: tuple[Row, ...]
    """As in `values.orders` of a `batch`; their `where`, in a scoped table, is limited to the profile in view."""
    question: str = ""
    """What the user is asked first; "" for what needs no asking."""
