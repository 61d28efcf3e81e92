"""What has changed and who did it, in few words: "You ticked 2 todos". Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.names import without_article
from apps.sentences import RowRef, is_emptied, row_ref, verb_of, who_did
from apps.tables import Row, Table

BY_ITSELF = "Jobs and schedules"
"""Who changed rows by the actor `app`."""
TICKED, UNTICKED, MOVED = "ticked", "unticked", "moved"
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Changed:
    """Changes of the same kind: somebody did the same to rows of one table."""

    who: str
    did: str
    """A verb: added, ticked, changed, deleted …"""
    table: Table
    titles: tuple[str, ...]
    """Of the rows, the one that was changed last first."""
    refs: tuple[RowRef, ...]
    """The same rows."""

    @property
    def what(self) -> str:
        """What was changed: "the todo", "3 todos"."""
        word = without_article(self.table.label or self.table.name)
        many = self.table.plural or f"{word}s"
        return f"the {word}" if len(self.refs) == 1 else f"{len(self.refs):,} {many}"

    @property
    def named(self) -> str:
        """The titles of the first few rows: "“milk”, “eggs” and 3 more"."""
        shown = ", ".join(f"“{one}”" for one in self.titles[:MOST_NAMED] if one)
        more = len(self.refs) - MOST_NAMED
        return f"{shown} and {more:,} more" if shown and more > 0 else shown


def grouped(changes: Iterable[Row], tables: Mapping[str, Table], names: Mapping[RowRef, str]) -> tuple[Changed, ...]:
    """Return changes by who did what to which table, the newest first; without moves and what was taken back.

    `changes`: rows of the table `change`, the newest first. `names`: the titles of their rows.
    """
    groups: dict[tuple[str, str, str], dict[RowRef, str]] = {}
    for change in changes:
        table = tables.get(change["subject"])
        if table is None or change["undone_by"] or change["undoes"] or is_emptied(change):
            continue
        did = did_of(change, table)
        if did != MOVED:
            key = who_of(change), did, table.name
            groups.setdefault(key, {})[row_ref(change)] = names.get(row_ref(change), "")
    return tuple(
        Changed(who, did, tables[table], tuple(rows.values()), tuple(rows))
        for (who, did, table), rows in groups.items()
    )


def who_of(change: Row) -> str:
    """Return who made a change: you, the assistant, a program by its name, or jobs and schedules."""
    return BY_ITSELF if change["actor"] == "app" and not change.get("client") else who_did(change)


def did_of(change: Row, table: Table) -> str:
    """Return what was done, as a verb; a change of the first box of a row is a tick."""
    box = table.switches[0] if table.switches else ""
    if change["verb"] == "update" and box in change["after"]:
        return TICKED if change["after"][box] else UNTICKED
    return verb_of(change)
