"""Make version1.db, a database of the first version, which the tests of the upgrade start from.

It was run once, in a checkout of that version (its `store/database.py` says SCHEMA_VERSION = 1), and its result is
kept. The imports are those of that version, so it does not run with today's code:

    python -m tests.data.make_version1
"""

import sqlite3
from pathlib import Path
from typing import Any

from store.database import SCHEMA_VERSION, open_database
from store.history import History, Reason
from store.migrations import migrate

from apps.registry import load_apps
from bus.messages import StoreOrder
from store.orders import Orders

FILE = Path(__file__).with_name("version1.db")


def fill(connection: sqlite3.Connection) -> None:
    """Write what a user has after some days: two profiles, a talk, todos that were changed, deleted and undone."""
    tables = load_apps().tables
    orders = Orders(connection, tables, History(connection))
    numbers = iter(range(1, 1_000))

    def order(verb: Any, table: str, key: Any = 0, actor: Any = "user", **values: Any) -> None:
        name = f"order-{next(numbers)}"
        made = StoreOrder(verb=verb, table=table, id=key, values=values, actor=actor)
        outcome = orders.carry_out(made, Reason(actor, name, "click-1"))
        assert not outcome.error, outcome.error

    order("insert", "profile", name="Work")
    order("update", "setting", "theme", value="dark")
    order("insert", "conversation", title="Milk")
    order("insert", "message", conversation=1, role="user", text="add milk, and Müsli")
    order("insert", "message", conversation=1, role="assistant", text="Done: milk.", reply_to=1, state="done")
    for number in range(1, 21):
        order("insert", "todo", actor="model" if number % 5 == 0 else "user", title=f"thing {number}")
    order("insert", "todo", title="Müsli & “milk”", profile=2)
    order("toggle", "todo", 1, field="done")
    order("update", "todo", 2, title="a second thing")
    order("sort", "todo", 3, after=10)
    order("delete", "todo", 4)
    order("delete", "todo", 5, actor="model")
    order("undo", "todo", change=connection.execute("select max(revision) from change").fetchone()[0])


def main() -> None:
    """Write the file, replacing an older one."""
    assert SCHEMA_VERSION == 1, "this program belongs to the first version"
    FILE.unlink(missing_ok=True)
    connection = open_database(FILE)
    migrate(connection, load_apps().tables.values(), FILE.parent / "backups")
    fill(connection)
    connection.execute("pragma journal_mode=delete")
    connection.execute("vacuum")
    connection.close()


if __name__ == "__main__":
    main()
