"""`GET /calendar.ics`: what is due in all apps, and what Pianola does by itself at a time, as a calendar that alarms.

It is made anew for each request, from the rows as they are. A program that has the same file already gets none.
"""

import asyncio
import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from apps.clients.access import Access
from apps.core import CORE, SCHEDULE
from apps.tables import Row, Table
from apps.types.reader import zone_here
from bus.bus import Bus
from bus.errors import Refused
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.files.calendar.entries import Entry, entry_of
from web.files.calendar.file import calendar
from web.files.exports import CALENDAR_TYPE, profile_names
from web.live.hub import Hub

OVERDUE_DAYS = 30
"""What has been due for longer is left out: a calendar shows it where nobody looks."""
MOST_ENTRIES = 1_000
"""Of each table, those that are due first."""


class CalendarDoor:
    """Answers `GET /calendar.ics`."""

    def __init__(self, hub: Hub) -> None:
        """`hub`: has the bus, and the tables."""
        self._hub = hub

    async def show(self, request: Request, access: Access) -> Response:
        """Return what is due as a calendar, with alarms."""
        now = datetime.now(zone_here())
        entries = await self._entries(access, now)
        file = await asyncio.to_thread(calendar, entries, now.year - 1)  # a thousand events take as long as many tokens
        tag = f'"{hashlib.sha256(file).hexdigest()[:32]}"'
        headers = {"ETag": tag}
        if has_it(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(file, media_type=CALENDAR_TYPE, headers=headers)

    async def _entries(self, access: Access, now: datetime) -> list[Entry]:
        bus = self._hub.bus
        profiles = await profile_names(bus)
        entries = []
        for table in self._tables(access):
            rows = await due_rows(bus, table, now)
            entries += [entry_of(table, row, profiles.get(row.get("profile", 0), "")) for row in rows]
        return entries

    def _tables(self, access: Access) -> Iterable[Table]:
        """Return the tables whose rows are due, as far as the key opens them."""
        tables = (table for app in self._hub.registry.sound.values() for table in app.tables)
        due = (table for table in tables if table.due_field and (table is SCHEDULE or table not in CORE))
        return (table for table in due if access.may_read(table.name))


async def due_rows(bus: Bus, table: Table, now: datetime) -> list[Row]:
    """Return the rows of a table that are due, and not done, those that are due first before the others."""
    due = table.due_field
    assert due  # noqa: S101 (only such tables are read)
    since = now - timedelta(days=OVERDUE_DAYS)
    is_open = {"state": "on"} if table is SCHEDULE else dict.fromkeys(table.switches[:1], False)
    where = {**is_open, due.name: {"from": f"{since:%Y-%m-%d}T00:00"}}
    rows: list[Row] = []
    more = True
    while more and len(rows) < MOST_ENTRIES:
        limit = MOST_ENTRIES - len(rows)
        order = StoreOrder(verb="list", table=table.name, where=where, sort=due.name, limit=limit, offset=len(rows))
        try:
            found = await ask_store(bus, order)
        except Refused:  # the app was removed meanwhile
            return rows
        rows, more = rows + found.rows, found.more
    return rows


def has_it(wanted: str, tag: str) -> bool:
    """Return whether a header If-None-Match names the file that we would send."""
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in wanted.split(","))
