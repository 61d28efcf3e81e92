"""The agent's way to the store. An order is repeated, with growing pauses, until the store answers."""

import asyncio
from collections.abc import Callable

from apps.tables import Row
from bus.bus import Bus
from bus.errors import NoAnswer, Refused
from bus.messages import StoreAnswer, StoreOrder

FIRST_PAUSE_SECONDS = 0.5
MAX_PAUSE_SECONDS = 15.0
PASSING = ("busy", "disk_full")
"""Error codes after which the same order may succeed later."""


class OrderRefused(Refused):
    """The store refused an order. `index`: which order of a batch, or which change to undo; -1: not said."""

    def __init__(self, error: Row) -> None:
        super().__init__(error.get("code", "failed"), error.get("message", "the store gave no reason"))
        self.index: int = error.get("index", -1)


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
                return await self._ask_once(order, cause, id)
            except NoAnswer as problem:
                self._warn(str(problem))
            except Refused as refused:
                if refused.code not in PASSING:
                    raise
                self._warn(str(refused))
            await asyncio.sleep(pause)
            pause = min(pause * 2, MAX_PAUSE_SECONDS)

    async def _ask_once(self, order: StoreOrder, cause: str, order_id: str) -> StoreAnswer:
        heard = await self._bus.ask(order, order.table, cause=cause, id=order_id)
        answer: StoreAnswer = heard.message
        if not answer.ok:
            raise OrderRefused(answer.error)
        return answer

    async def list(self, table: str, where: Row | None = None, *, sort: str = "", limit: int = 0) -> list[Row]:
        """Return the rows that match; for the arguments see `StoreOrder`."""
        order = StoreOrder(verb="list", table=table, where=where or {}, sort=sort, limit=limit, actor="system")
        return (await self.ask(order)).rows
