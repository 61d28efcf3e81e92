"""How an app changes the shape of a table that exists already on people's machines.

A new field, table, or searched field needs nothing: declare it. A field or table that gets another name, or goes, needs
a function, which the store runs once on each database, before it compares the tables with their declarations.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol


class Upgrade(Protocol):
    """What a migration may do. All migrations of one start are one transaction; the database was backed up before."""

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
        """Read the rows of a table, as they are at this moment of the upgrade."""


Migration = Callable[[Upgrade], None]
"""A function; its name is how the store remembers that it ran: never rename one that was released."""
