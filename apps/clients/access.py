"""What a program may do: everything with the token, less with a key."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from apps.change_lookup import rows_of
from apps.core import ONLY_READ
from apps.known.table import MEMORY
from apps.registry import Registry
from apps.work.runs import RUN
from bus.bus import Bus
from bus.clients.keys import ClientKey
from bus.errors import PianolaError
from bus.messages import Values
from bus.store_client import ask_store

READS = ("list", "get", "search", "sum")
WRITES = ("insert", "update", "delete", "toggle", "sort", "undo", "batch")
UNCHANGED = (*ONLY_READ, RUN, MEMORY)
"""Tables that no key changes: the user alone says what the assistant knows and may do. The steps of a run are checked
by the page, which knows its workflow."""
TALK = ("conversation", "message")
"""Tables of the core that a key without a list of tables may read, beside those of the apps."""


class NotAllowed(PianolaError):
    """A key does not open what was asked for."""


@dataclass(frozen=True, slots=True)
class Access:
    """The rights of one request. `client`: its key; None with the token, which opens everything."""

    client: ClientKey | None
    registry: Registry

    @property
    def name(self) -> str:
        """Name of the client, "" with the token."""
        return self.client.name if self.client else ""

    def may_read(self, table: str) -> bool:
        """Return whether rows of a table may be read."""
        if self.client is None:
            return True
        if self.client.tables:
            return table in self.client.tables
        return table in TALK or self.registry.app_of(table) is not None

    def check_read(self, table: str) -> None:
        """Raise `NotAllowed` unless rows of a table may be read."""
        if not self.may_read(table):
            raise NotAllowed(f"This key does not open the table {table!r:.60}. {self._opens()}")

    def check_ask(self) -> None:
        """Raise `NotAllowed` unless the assistant may be asked: it reads and changes the tables of all apps."""
        if self.client and (self.client.read_only or self.client.tables):
            raise NotAllowed("This key cannot ask the assistant: it only reads, or opens some tables only.")

    def check_order(self, order: Values) -> None:
        """Raise `NotAllowed` unless an order is allowed. `undo` must be checked against the history as well."""
        if self.client is None:
            return
        verb, table = order.get("verb"), str(order.get("table", ""))
        if verb in READS:
            self.check_read(table)
        elif verb not in WRITES:
            raise NotAllowed(f"A key cannot order {verb!r:.40}. It can order {', '.join((*READS, *WRITES))}.")
        elif self.client.read_only:
            raise NotAllowed("This key only reads, so nothing was changed. Make a key without --read-only.")
        elif verb == "batch":
            for one in orders_in(order):
                self.check_order({"table": table, **one})
        elif verb != "undo":
            self._check_write(table)

    def check_undone(self, change: Values) -> None:
        """Raise `NotAllowed` unless a change may be taken back: a client takes back only what it did itself."""
        if self.client and change["client"] != self.client.name:
            raise NotAllowed(f"Change {change['id']} was not made by {self.client.name}, so this key cannot undo it.")

    def _check_write(self, table: str) -> None:
        self.check_read(table)
        found = self.registry.tables.get(table)
        if found and (found.read_only or found in UNCHANGED or self.registry.app_of(table) is None):
            raise NotAllowed(f"No key changes the table {table!r:.60}: it only changes rows of apps.")

    def _opens(self) -> str:
        if self.client and self.client.tables:
            return f"It opens {', '.join(self.client.tables)}."
        return "It opens the tables of the apps, and conversations."


async def check_undone(bus: Bus, access: Access, order: Values) -> None:
    """Raise `NotAllowed` if an order would take back what this client did not do."""
    revisions = undone_in(order)
    if access.client and revisions:
        for change in await rows_of(partial(ask_store, bus), "change", {"id": revisions}):
            access.check_undone(change)


def orders_in(batch: Values) -> list[Values]:
    """Return the orders of a batch; the store says what is wrong with what is no order, and with a batch in it."""
    values: Any = batch.get("values")
    orders = values.get("orders") if isinstance(values, dict) else None
    maps = orders if isinstance(orders, list) else []
    return [one for one in maps if isinstance(one, dict) and one.get("verb") != "batch"]


def undone_in(order: Values) -> list[int]:
    """Return the revisions that an order takes back, also those of a batch."""
    orders = orders_in(order) if order.get("verb") == "batch" else [order]
    return [revision for one in orders if one.get("verb") == "undo" for revision in _revisions(one.get("values"))]


def _revisions(values: Any) -> list[int]:
    named = values.get("changes", [values.get("change")]) if isinstance(values, dict) else []
    return [one for one in named if type(one) is int] if isinstance(named, list) else []
