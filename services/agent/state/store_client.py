"""The agent's way to the store: asked again, with a growing pause, for as long as nobody answers."""

import asyncio
from collections.abc import Callable

from apps.tables import Row
from bus.bus import Bus
from bus.errors import NoAnswer, Refused
from bus.messages import StoreAnswer, StoreOrder

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
PASSING = ("busy", "disk_full")
"""Codes of errors that pass by themselves."""


class OrderRefused(Refused):
    """The store refused. `index`: which one of a batch, or of several to undo; -1 for none."""

    def __init__(self, error: Row) -> None:
        super().__init__(error.get("code", "failed"), error.get("message", "the store gave no reason"))
        self.index: int = error.get("index", -1)


class StoreClient:
    """Orders to the store. They come through or are refused; a store that is away is waited for."""

    def __init__(self, bus: Bus, warn: Callable[[str], None]) -> None:
        """`warn`: gets a sentence each time the store stayed silent."""
        self._bus = bus
        self._warn = warn

    async def ask(self, order: StoreOrder, *, cause: str = "", id: str = "") -> StoreAnswer:  # noqa: A002
        """Return the answer to an order, or raise `Refused`. `id`: deterministic, so that it takes effect once."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await self._once(order, cause, id)
            except NoAnswer as silent:
                self._warn(str(silent))
            except Refused as refused:
                if refused.code not in PASSING:
                    raise
                self._warn(str(refused))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _once(self, order: StoreOrder, cause: str, order_id: str) -> StoreAnswer:
        heard = await self._bus.ask(order, order.table, cause=cause, id=order_id)
        answer: StoreAnswer = heard.message
        if not answer.ok:
            raise OrderRefused(answer.error)
        return answer

    async def list(self, table: str, where: Row | None = None, *, sort: str = "", limit: int = 0) -> list[Row]:
        """Return rows; see `StoreOrder`."""
        order = StoreOrder(verb="list", table=table, where=where or {}, sort=sort, limit=limit, actor="system")
        return (await self.ask(order)).rows
