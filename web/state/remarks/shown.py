"""Which remarks of an app are shown: those of the profile in view whose rows are still there. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass

from apps.tables import Row

MOST_REMARKS = 20
"""Remarks that are shown, the newest."""

RowRef = tuple[str, int | str]
"""A table and the id of a row in it."""


@dataclass(slots=True)
class Strip:
    """What a tab shows of the remarks of its app."""

    app: str = ""
    """"" before the first reading."""
    profile: int = 0
    whole: bool = False
    """The earlier remarks are shown too, not only the newest one."""
    marked: int = 0
    """Id of the remark to go to when it is drawn next; 0 for none."""
    ids: frozenset[int] = frozenset()
    """Ids of the remarks that were read."""
    about: frozenset[RowRef] = frozenset()
    """The rows that these are about, also those that are gone."""
    due: frozenset[RowRef] = frozenset()
    """The rows of the reminders above the remarks."""

    def concerns(self, table: str, key: int | str) -> bool:
        """Return whether it depends on a row: a remark that was read, or a row that one is about."""
        return (table, key) in self.about or (table == "message" and key in self.ids)


def about(row: Row) -> frozenset[RowRef]:
    """Return the rows that a remark is about."""
    return frozenset((one["table"], one["row"]) for one in (row["detail"] or {}).get("about") or ())


def about_by_table(rows: Iterable[Row]) -> dict[str, list[int | str]]:
    """Return the ids of the rows that remarks are about, by their tables."""
    found: dict[str, set[int | str]] = defaultdict(set)
    for row in rows:
        for table, key in about(row):
            found[table].add(key)
    return {table: sorted(keys, key=str) for table, keys in found.items()}


def shown_remarks(rows: Iterable[Row], there: Set[RowRef], profile: int) -> tuple[Row, ...]:
    """Return the remarks that are shown, in their order. `there`: the rows that exist. `profile`: the one in view."""
    shown = (
        row
        for row in rows
        if about(row) <= there
        and ((row["detail"] or {}).get("profile") or profile) == profile
        and (row["text"] or row["state"] == "streaming")
    )
    return tuple(shown)[:MOST_REMARKS]
