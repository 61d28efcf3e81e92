"""Make before_due.db, a database from the day before a todo got a due date, a repeat, tags, a note and parts.

It was run once, in a checkout of that day (its `store/file/database.py` says SCHEMA_VERSION = 6), and its result is
kept. It does not run with today's code:

    python -m tests.store.data.make_before_due
"""

import tempfile
from pathlib import Path
from typing import Any

from apps.registry import load_apps
from bus.messages import StoreOrder
from store.file.database import SCHEMA_VERSION, open_database
from store.file.migrations import migrate
from store.orders.orders import Orders
from store.tables.history import History, Reason

FILE = Path(__file__).with_name("before_due.db")


def fill(orders: Orders) -> None:
    """Write todos as a user has them after some days: ticked, renamed, moved, deleted, undone, in two profiles."""
    numbers = iter(range(1, 1_000))

    def order(verb: Any, table: str, key: Any = 0, actor: Any = "user", **values: Any) -> int:
        name = f"order-{next(numbers)}"
        made = StoreOrder(verb=verb, table=table, id=key, values=values, actor=actor)
        outcome = orders.carry_out(made, Reason(actor, name, "click-1"))
        assert not outcome.error, outcome.error
        return int(outcome.revision)

    order("insert", "profile", name="Work")
    for title in ("call the bank tomorrow 9:00 #home", "Müsli & “milk”", "every Monday: bins", "pay 12,50 €"):
        order("insert", "todo", title=title)
    order("insert", "todo", actor="model", title="by the model", profile=2)
    order("toggle", "todo", 1, field="done")
    order("update", "todo", 2, title="Müsli & “oat milk”")
    order("sort", "todo", 3, after=4)
    deleted = order("delete", "todo", 4)
    order("undo", "todo", change=deleted)
    order("insert", "todo", title="deleted for now")
    order("delete", "todo", 6)


def main() -> None:
    """Write the file, replacing an older one."""
    assert SCHEMA_VERSION == 6, "this program belongs to version 6"
    FILE.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        connection = open_database(FILE)
        registry = load_apps()
        migrate(connection, registry, Path(folder))
        fill(Orders(connection, registry.tables, History(connection)))
    connection.execute("pragma journal_mode=delete")
    connection.execute("vacuum")
    connection.close()


if __name__ == "__main__":
    main()
