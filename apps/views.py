"""What an app's `web.py` receives, and what it may return. Only web imports this."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from fastcore.xml import FT

from apps.tables import Row, Table
from apps.types.reader import HERE, Reader
from apps.work.declared import Job
from apps.work.workflows import Workflow
from bus.messages import StoreAnswer, StoreOrder

Ask = Callable[[StoreOrder], Awaitable[StoreAnswer]]
"""Sends an order to the store. Returns the answer, or raises `Refused` or `NoAnswer`."""


def commands(do: str, **values: object) -> dict[str, object]:
    """Return the attributes with which an element sends a command: on a click, a change of an input, or a submit."""
    texts = {name: value if isinstance(value, dict) else str(value) for name, value in values.items()}
    return {"ws_send": True, "hx_vals": json.dumps({"do": do, **texts})}


async def nobody_answers(order: StoreOrder) -> StoreAnswer:
    """Refuse an order: only the hook `read` may ask the store; the view uses what was read."""
    raise RuntimeError(f"the order {order.verb} {order.table} came too late: ask in the hook `read`")


class Pieces(Protocol):
    """The generated parts of a page, for a view of your own that uses some of them. They update live."""

    def form(self) -> FT:
        """Return the form that adds a row."""

    def row(self, row: Row) -> FT:
        """Return a row with its buttons, as an item of a list."""

    def list(self, rows: Sequence[Row]) -> FT:
        """Return the list of rows, in which each row can be edited, moved and deleted."""

    def examples(self) -> FT | None:
        """Return the examples of an empty list (the hook `examples`), to stand right behind the list.

        They are hidden as soon as it has a row. None while the user filters it, or for an app without examples.
        """

    def markdown(self, text: str) -> FT:
        """Return a text in Markdown as safe HTML."""

    def run_form(self, job: Job) -> FT:
        """Return the form that runs a job of this app: its fields, and a button."""

    def keys(self, job: Job) -> FT:
        """Return which keys a job of this app needs, whether each is set, and the buttons that set them."""

    def progress(self, row: Row) -> FT:
        """Return how far a job is, what became of it, and its buttons. `row`: of the table `job`.

        It follows the job by itself. A job that is new, or that a filter of yours leaves out later, needs `concerned`.
        """


@dataclass(frozen=True, slots=True)
class AppView:
    """What an app's page can show at one moment."""

    app: str
    table: Table
    rows: tuple[Row, ...]
    """The loaded rows, in their order; in a scoped table, those of the current profile."""
    pieces: Pieces
    total: int = 0
    """How many rows match the filter, loaded or not."""
    profile: int = 0
    """Id of the current profile."""
    filter: Row = field(default_factory=dict)
    """The filter that the user chose, as a `where` map of the store."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Values of the table `setting`, by key."""
    tables: Mapping[str, tuple[Table, ...]] = field(default_factory=dict)
    """The tables of each app that works, by app."""
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    """The workflows of all apps that work, by name."""
    jobs: Mapping[str, tuple[Job, ...]] = field(default_factory=dict)
    """The declared long work of each app that has any, by app."""
    query: Mapping[str, str] = field(default_factory=dict)
    """The query of the page's URL, without the conversation (`talk`)."""
    limit: int = 0
    """How many rows the hook `read` should return; the command `more` increases it."""
    offset: int = 0
    """How many rows it should skip before them; the command `page` sets it."""
    ask: Ask = nobody_answers
    """Sends an order to the store; only for the hook `read`."""
    reader: Reader = HERE
    """Whoever looks at the page: its language and time zone, for values in words."""
    jobs_folder: Path = Path()
    """The folder with the files of jobs, one folder for each, named by its id; only for the hook `read`."""
    read: Any = None
    """What the hook `read` returned."""


@dataclass(frozen=True, slots=True)
class Examples:
    """What an empty list and an empty conversation offer for a first click. What is left out is made from the table."""

    rows: tuple[Row, ...] = ()
    """Values of rows of the app's first table; a click adds one. The page shows three."""
    sentences: tuple[str, ...] = ()
    """What the user could say to the assistant; a click says it. The page shows three.

    A model that only talks is offered those that end with a question mark.
    """


@dataclass(frozen=True, slots=True)
class Action:
    """An entry of the actions menu: orders that are carried out together, all or none. They can be undone."""

    label: str
    orders: tuple[Row, ...]
    """As in `values.orders` of a `batch`. In a scoped table, `where` is limited to the current profile."""
    question: str = ""
    """The question to the user before it is done; "" for no question."""
