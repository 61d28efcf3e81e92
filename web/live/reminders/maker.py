"""Notices what has become due, and makes a reminder of it: a row of the table `reminder`, once for each due date.

Looks at the beginning of each minute, at the rows that became due since the last look; at the start, at those of the
last days. What is due is so by the clock of this machine.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from apps.core import REMINDER
from apps.due.reminding import remind_at, wheres
from apps.tables import Row, Table
from apps.types.reader import zone_here
from bus.bus import Bus
from bus.errors import PianolaError, Refused
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.live.queries import Reader

LOOK_SECONDS = 10.0
"""How soon a new minute is noticed, also after the machine slept."""
LOOK_BACK = timedelta(days=7)
"""What became due earlier than this before the start is told by its list alone."""
MOST_AT_ONCE = 100
"""Reminders of one table in one look, the newest."""

Due = tuple[Table, Row]
"""A row that has become due, and its table."""


class ReminderMaker:
    """Makes reminders."""

    def __init__(
        self, bus: Bus, reader: Reader, tables: Callable[[], Iterable[Table]], told: Callable[[Sequence[Due]], None]
    ) -> None:
        """`tables`: of all apps that work. `told`: gets what has become due, right after the reminders were made."""
        self._bus = bus
        self._reader = reader
        self._tables = tables
        self._told = told
        self._since: datetime | None = None

    async def run(self) -> None:
        """Look at each new minute."""
        while True:
            now = datetime.now(zone_here()).replace(tzinfo=None, second=0, microsecond=0)
            if now != self._since:
                await self.look(now)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self, now: datetime) -> None:
        """Remind of what became due since the last look. If the store is away, the next look does so."""
        since = self._since or now - LOOK_BACK
        try:
            made = [(table, row) for table in self._tables() for row in await self._remind(table, since, now)]
        except PianolaError:
            return
        self._since = now
        if made:
            self._told(made)

    async def _remind(self, table: Table, since: datetime, now: datetime) -> list[Row]:
        due = table.due_field
        if due is None or since >= now:
            return []
        found: dict[int | str, Row] = {}
        for where in wheres(table, since, now):
            read = await self._reader.read(table.name, MOST_AT_ONCE, where, f"-{due.name}")
            found |= {row["id"]: row for row in read.rows if since < remind_at(row[due.name]) <= now}
        known = await self._known(table, list(found))
        new = [row for row in found.values() if (row["id"], row[due.name]) not in known]
        return [row for row in new if await self._make(table, row, row[due.name])]

    async def _known(self, table: Table, keys: list[int | str]) -> set[tuple[int | str, str]]:
        if not keys:
            return set()
        read = await self._reader.read(REMINDER.name, len(keys) * 10, {"subject": table.name, "row": keys})
        return {(row["row"], row["due"]) for row in read.rows}

    async def _make(self, table: Table, row: Row, due: str) -> bool:
        """Make a reminder; return False if there is one already."""
        values = {"subject": table.name, "row": row["id"], "due": due, "profile": row.get("profile", 0)}
        order = StoreOrder(verb="insert", table=REMINDER.name, values=values, actor="system")
        try:
            await ask_store(self._bus, order, id=f"reminder-{table.name}-{row['id']}-{due}")
        except Refused:
            return False
        return True
