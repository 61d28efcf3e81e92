"""Read the reminders that are shown: those of rows that are still due, in the profile in view."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Protocol

from apps.core import REMINDER
from apps.due.reminding import is_reminded
from apps.sentences import title_of
from apps.tables import Row, Table
from bus.errors import Refused
from web.state.reminders.shown import MOST_READ, Reminder


class Found(Protocol):
    """What was read."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows."""

    @property
    def revision(self) -> int:
        """Of the store, when they were read."""


class Read(Protocol):
    """Reads rows of a table."""

    async def __call__(self, table: str, most: int, where: Row | None = None, sort: str = "") -> Found:
        """Return up to `most` rows."""


async def read_shown(read: Read, tables: Mapping[str, Table], profile: int) -> tuple[tuple[Reminder, ...], int]:
    """Return the reminders, the newest first, and the revision at which they were read."""
    found = await read(REMINDER.name, MOST_READ, {"state": "new", "profile": [profile, 0]}, "-id")
    rows = await _rows_of(read, tables, found.rows)
    shown = [_shown(one, tables[one["subject"]], rows.get((one["subject"], one["row"]))) for one in found.rows
             if one["subject"] in tables]  # fmt: skip
    return tuple(one for one in shown if one), found.revision


def _shown(reminder: Row, table: Table, row: Row | None) -> Reminder | None:
    if row is None or not is_reminded(table, row, reminder["due"]):
        return None
    switch = table.switches[0] if table.switches else ""
    return Reminder(
        reminder["id"], table.name, row["id"], title_of(row, table), reminder["due"], reminder["created"], switch
    )


async def _rows_of(read: Read, tables: Mapping[str, Table], reminders: tuple[Row, ...]) -> dict[tuple[str, Any], Row]:
    wanted: dict[str, list[Any]] = defaultdict(list)
    for one in reminders:
        if one["subject"] in tables:
            wanted[one["subject"]].append(one["row"])
    found: dict[tuple[str, Any], Row] = {}
    for table, keys in wanted.items():
        try:
            found |= {(table, row["id"]): row for row in (await read(table, len(keys), {"id": keys})).rows}
        except Refused:  # the app was removed meanwhile
            continue
    return found
