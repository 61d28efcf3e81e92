"""Backups while the store runs: by order (`store.back_up`), and one each day.

The copying runs in a thread, with a connection of its own that only reads: orders are carried out meanwhile.
"""

import asyncio
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Literal

from bus.errors import PianolaError
from bus.messages import StoreBackedUp, StoreBackUp
from bus.service import Service
from bus.wire import Envelope
from store.file.backup.copies import BadBackup, make_copy
from store.file.backup.folder import daily_is_due, forget_old_daily, new_name
from store.file.watch import FileWatch

HOUR_SECONDS = 3_600
REMEMBERED = 100
"""So many results are kept for orders that are repeated because their answer was lost."""


class Upkeep:
    """Makes backups, one at a time."""

    def __init__(self, service: Service, watch: FileWatch, days: Callable[[], int]) -> None:
        """It begins to work with `start`. `days`: returns for how long daily backups are kept; 0: none are made."""
        self._days = days
        self._service = service
        self._watch = watch
        self._settings = service.settings
        self._one_at_a_time = asyncio.Lock()
        self._results: OrderedDict[str, StoreBackedUp | None] = OrderedDict()

    def listen(self) -> None:
        """Hear orders."""
        self._service.bus.hear(StoreBackUp, self._heard)

    def start(self, *, used: bool) -> None:
        """Make the daily backups from now on. `used`: something was written to the database already."""
        self._service.spawn(self._each_day(used), "daily backup")

    async def stopped(self) -> None:
        """Wait until no copy is being made. Call it when the service stops."""
        async with self._one_at_a_time:
            return

    def _heard(self, heard: Envelope) -> None:
        order = heard.header.id
        if order not in self._results:
            self._results[order] = None
            self._service.spawn(self._carry_out(heard), "backup")
        elif result := self._results[order]:
            self._service.bus.say(result, heard.header.sender, cause=order)
        while len(self._results) > REMEMBERED:
            self._results.popitem(last=False)

    async def _carry_out(self, heard: Envelope) -> None:
        file = heard.message.file
        self._results[heard.header.id] = result = await self._back_up("by hand", Path(file) if file else None)
        self._service.bus.say(result, heard.header.sender, cause=heard.header.id)

    async def _each_day(self, used: bool) -> None:
        while not self._service.stopping:
            if used and self._days() and daily_is_due(self._settings.backups, time.time()):
                result = await self._back_up("daily", None)
                self._service.bus.say(result)
                if result.ok:
                    forget_old_daily(self._settings.backups, self._days(), time.time())
                elif not self._service.stopping:
                    self._service.log("warning", f"The daily backup failed: {result.problem}")
            used = True
            await asyncio.sleep(HOUR_SECONDS)

    async def _back_up(self, reason: Literal["daily", "by hand"], target: Path | None) -> StoreBackedUp:
        async with self._one_at_a_time:
            try:
                if target and not target.is_absolute():
                    raise BadBackup(target, "its path is not absolute", "Name it from / on.")
                self._watch.check()  # else another file would be copied
                file = target or new_name(self._settings.backups, reason)
                await asyncio.to_thread(self._copy_to, file)
                return StoreBackedUp(ok=True, file=str(file), size=file.stat().st_size)
            except (PianolaError, OSError) as error:
                return StoreBackedUp(ok=False, problem=str(error))

    def _copy_to(self, file: Path) -> None:
        try:
            with closing(sqlite3.connect(self._settings.database, isolation_level=None)) as source:
                source.execute("pragma query_only=1")
                make_copy(source, file, lambda: self._service.stopping)
        except sqlite3.Error as error:
            raise BadBackup(file, str(error), "Try again.") from error
