"""Draw lists again as time goes by: at midnight of each reader, and when something becomes overdue."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from apps.due.spans import minute_of
from apps.tables import Row, Table
from bus.errors import PianolaError
from web.live.queries import Reader
from web.live.tab import Tab
from web.state.window import AppWindow

MINUTE = timedelta(minutes=1)


class Clock:
    """Looks once a minute which tabs show another day, or something that became overdue."""

    def __init__(
        self,
        tabs: Iterable[Tab],
        reader: Reader,
        table_of: Callable[[AppWindow], Table | None],
        scope: Callable[[Table], Row],
    ) -> None:
        """`table_of`: the table that a window shows. `scope`: which rows of a table are in view."""
        self._tabs = tabs
        self._reader = reader
        self._table_of = table_of
        self._scope = scope
        self._seen = datetime.now(UTC)

    async def run(self) -> None:
        """Look at the beginning of each minute."""
        while True:
            now = datetime.now(UTC)
            await asyncio.sleep((_minute(now) + MINUTE - now).total_seconds())
            await self.look(datetime.now(UTC))

    async def look(self, now: datetime) -> None:
        """Have the lists drawn again that changed since the last look."""
        before, self._seen = self._seen, now
        for tab in list(self._tabs):
            table = self._table_of(tab.window)
            if table and table.due_field and await self._has_changed(tab, table, before, now):
                tab.refresh("list")

    async def _has_changed(self, tab: Tab, table: Table, before: datetime, now: datetime) -> bool:
        local_before, local_now = (one.astimezone(tab.reader.zone).replace(tzinfo=None) for one in (before, now))
        if local_before.date() != local_now.date():
            return True
        since = _minute(local_before) + MINUTE
        if table.due_field is None or since > local_now:
            return False
        due = {table.due_field.name: {"from": minute_of(since), "to": minute_of(local_now)}}
        try:
            return bool((await self._reader.count(table.name, {**self._scope(table), **due})).total)
        except PianolaError:  # the store is away; when it is back, everything is drawn again
            return False


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
