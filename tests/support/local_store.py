"""The store without its bus: orders carried out in this process, on a real file."""

from pathlib import Path
from typing import Any

from apps.registry import App, Registry
from apps.tables import Row, Table
from bus.messages import StoreOrder
from store.file.database import open_database
from store.file.migrations import migrate
from store.orders.orders import Orders, Outcome
from store.tables.history import History, Reason


class Store:
    """The store without its bus, on a file; `again` starts it once more, with other declarations."""

    def __init__(self, file: Path, registry: Registry) -> None:
        self.file, self.registry = file, registry
        self.backups = file.parent / "backups"
        self.connection = open_database(file)
        migrate(self.connection, registry, self.backups)
        self.orders = Orders(self.connection, registry.tables, History(self.connection))
        self.number = self.connection.execute("select count(*) from answered").fetchone()[0]

    def order(self, verb: Any, table: str = "todo", key: Any = 0, **more: Any) -> Outcome:
        self.number += 1
        order = StoreOrder(verb=verb, table=table, id=key, **more)
        return self.orders.carry_out(order, Reason("user", f"new-order-{self.number}", ""))

    def rows(self, table: str, **where: Any) -> list[Row]:
        return self.order("list", table, where=where, limit=1000).rows

    def found(self, text: str) -> list[Row]:
        return self.order("search", "", values={"text": text}).rows

    def again(self, registry: Registry) -> "Store":
        self.connection.close()
        return Store(self.file, registry)

    def backed_up(self) -> list[Path]:
        return sorted(self.backups.glob("*.db"))


def registry_of(table: Table, *migrations: Any) -> Registry:
    registry = Registry()
    registry.add(App("reading", (table,), migrations=migrations))
    return registry
