"""Waits until the next schedule is due. While it waits, it asks nobody: it looks at the clock."""

import asyncio
import time
from collections.abc import Callable

from apps.core import SCHEDULE
from apps.tables import Row
from bus.errors import Refused
from bus.messages import ServiceChanged
from bus.store_client import StoreClient
from bus.wire import Envelope
from services.jobs.schedules.carry import Carrier, Clock

LOOK_SECONDS = 2.0
"""How soon a clock is noticed that was set, or went on while the machine slept."""
AGAIN_SECONDS = 60.0
"""After the store has refused what must not be refused."""
MOST_READ = 100
"""Schedules that are due and read at a time."""


class Timer:
    """Carries out each schedule at its time."""

    def __init__(
        self, store: StoreClient, carrier: Carrier, warn: Callable[[str], None], clock: Clock = time.time
    ) -> None:
        """Hears nothing by itself. `store`: the patient way to the store. `warn`: gets what went wrong, a sentence.

        `clock`: returns Unix seconds.
        """
        self._warn = warn
        self._store = store
        self._carrier = carrier
        self._clock = clock
        self._changed = asyncio.Event()
        self._store_run = ""

    def schedule_changed(self, _heard: Envelope) -> None:
        """Find out again which one is next."""
        self._changed.set()

    def store_heard(self, heard: Envelope) -> None:
        """Read again when the store has started again: its last facts may not have come."""
        message: ServiceChanged = heard.message
        if message.state == "ready" and message.run != self._store_run:
            self._store_run = message.run
            self._changed.set()

    def read_again(self) -> None:
        """Find out again which one is next, because facts may have been missed."""
        self._changed.set()

    async def run(self) -> None:
        """Run for ever."""
        while True:
            self._changed.clear()
            try:
                moment = await self._carry_out_due()
            except Refused as refused:  # a mistake of ours, or of the store's file: other work of `jobs` goes on
                self._warn(f"schedules are not carried out now, and are tried again in a minute: {refused}")
                moment = self._clock() + AGAIN_SECONDS
            await self._wait_for(moment)

    async def _wait_for(self, moment: float | None) -> None:
        """Wait until a moment (Unix seconds) has come, or a schedule was changed. None: there is no next one."""
        while not self._changed.is_set() and (moment is None or self._clock() < moment):
            pause = None if moment is None else min(LOOK_SECONDS, moment - self._clock())
            try:
                await asyncio.wait_for(self._changed.wait(), pause)
            except TimeoutError:
                continue

    async def _carry_out_due(self) -> float | None:
        """Carry out all that is due; return when the next one is, None if there is none."""
        while rows := await self._first():
            due = [row for row in rows if row["next"] <= self._clock()]
            if not due:
                return float(rows[0]["next"])
            for row in due:
                await self._carrier.carry_out(row)
        return None

    async def _first(self) -> list[Row]:
        return await self._store.list(SCHEDULE.name, {"next": {"from": 0}}, sort="next", limit=MOST_READ)
