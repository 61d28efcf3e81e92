"""The agent's way to the store. An order is repeated, with growing pauses, until the store answers."""

import asyncio
from collections.abc import Callable

from apps.tables import Row
from bus.bus import Bus
from bus.errors import NoAnswer, Refused
from bus.messages import StoreAnswer, StoreOrder
from bus.store_client import ask_store

FIRST_PAUSE_SECONDS = 0.5
MAX_PAUSE_SECONDS = 15.0
PASSING = ("busy", "disk_full")
"""Error codes after which the same order may succeed later."""


class StoreClient:
    """Sends orders to the store and waits, also for a store that is away, until each is carried out or refused."""

    def __init__(self, bus: Bus, warn: Callable[[str], None]) -> None:
        """`warn`: gets a sentence each time the store does not answer or cannot carry out an order yet."""
        self._bus = bus
        self._warn = warn

    async def ask(self, order: StoreOrder, *, cause: str = "", id: str = "") -> StoreAnswer:  # noqa: A002
        """Return the answer to an order, or raise `Refused`. An order with the same `id` takes effect only once."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await ask_store(self._bus, order, cause=cause, id=id)
            except NoAnswer as problem:
                self._warn(str(problem))
            except Refused as refused:
                if refused.code not in PASSING:
                    raise
                self._warn(str(refused))
            await asyncio.sleep(pause)
            pause = min(pause * 2, MAX_PAUSE_SECONDS)

    async def list(self, table: str, where: Row | None = None, *, sort: str = "", limit: int = 0) -> list[Row]:
        """Return the rows that match; for the arguments see `StoreOrder`."""
        order = StoreOrder(verb="list", table=table, where=where or {}, sort=sort, limit=limit, actor="system")
        return (await self.ask(order)).rows

    async def newest_revision(self) -> int:
        """Return the revision of the store."""
        return (await self.ask(StoreOrder(verb="list", table="setting", limit=1, actor="system"))).revision
