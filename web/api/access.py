"""What a program may do: everything with the token, less with a key."""

from dataclasses import dataclass
from typing import Any

from apps.core import ONLY_READ
from apps.registry import Registry
from apps.work.runs import RUN
from bus.clients.keys import ClientKey
from bus.messages import Values
from web.api.problems import forbidden

READS = ("list", "get", "search", "sum")
WRITES = ("insert", "update", "delete", "toggle", "sort", "undo", "batch")
UNCHANGED = (*ONLY_READ, RUN)
"""Tables that no key changes. The steps of a run are checked by the page, which knows its workflow."""
TALK = ("conversation", "message")
"""Tables of the core that a key without a list of tables may read, beside those of the apps."""


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
        """Raise `ApiProblem` unless rows of a table may be read."""
        if not self.may_read(table):
            raise forbidden(f"This key does not open the table {table!r:.60}. {self._opens()}")

    def check_ask(self) -> None:
        """Raise `ApiProblem` unless the assistant may be asked: it reads and changes the tables of all apps."""
        if self.client and (self.client.read_only or self.client.tables):
            raise forbidden("This key cannot ask the assistant: it only reads, or opens some tables only.")

    def check_order(self, order: Values) -> None:
        """Raise `ApiProblem` unless an order is allowed. `undo` must be checked against the history as well."""
        if self.client is None:
            return
        verb, table = order.get("verb"), str(order.get("table", ""))
        if verb in READS:
            self.check_read(table)
        elif verb not in WRITES:
            raise forbidden(f"A key cannot order {verb!r:.40}. It can order {', '.join((*READS, *WRITES))}.")
        elif self.client.read_only:
            raise forbidden("This key only reads, so nothing was changed. Make a key without --read-only.")
        elif verb == "batch":
            for one in orders_in(order):
                self.check_order({"table": table, **one})
        elif verb != "undo":
            self._check_write(table)

    def check_undone(self, change: Values) -> None:
        """Raise `ApiProblem` unless a change may be taken back: a client takes back only what it did itself."""
        if self.client and change["client"] != self.client.name:
            raise forbidden(f"Change {change['id']} was not made by {self.client.name}, so this key cannot undo it.")

    def _check_write(self, table: str) -> None:
        self.check_read(table)
        found = self.registry.tables.get(table)
        if found and (found.read_only or found in UNCHANGED or self.registry.app_of(table) is None):
            raise forbidden(f"No key changes the table {table!r:.60}: it only changes rows of apps.")

    def _opens(self) -> str:
        if self.client and self.client.tables:
            return f"It opens {', '.join(self.client.tables)}."
        return "It opens the tables of the apps, and conversations."


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
