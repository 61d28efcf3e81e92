"""How an app upgrades a table that already exists in people's databases.

For a new field, table, or searched field the declaration is enough. To rename or remove a field or table, the app needs
a function. The store runs it once on each database, before it compares the tables with their declarations.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol


class Upgrade(Protocol):
    """What a migration can do. All migrations of one start share one transaction; the database is backed up before."""

    def rename_field(self, table: str, field: str, to: str) -> None:
        """Give a field another name, in the rows and in their history."""

    def remove_field(self, table: str, field: str) -> None:
        """Remove a field with its values. An undo of an earlier change leaves it out."""

    def rename_table(self, table: str, to: str) -> None:
        """Give a table another name, with its rows and their history."""

    def remove_table(self, table: str) -> None:
        """Remove a table with its rows."""

    def update(self, table: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Set in each row (a map of field to value) the values that `change` returns for it; {} leaves it alone."""

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table, as they are at this point of the upgrade."""


Migration = Callable[[Upgrade], None]
"""A function. The store remembers by its name that it has run, so never rename a released one."""
