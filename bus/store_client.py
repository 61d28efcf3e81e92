"""Ask the store: send one order and return its answer, or wait until it is answered."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from bus.bus import ANSWER_SECONDS, Bus
from bus.errors import NoAnswer, Refused
from bus.messages import StoreAnswer, StoreOrder, Values

FIRST_PAUSE_SECONDS = 0.5
MAX_PAUSE_SECONDS = 15.0
PASSING = ("busy", "disk_full")
"""Error codes after which the same order may succeed later."""


async def ask_store(
    bus: Bus,
    order: StoreOrder,
    *,
    cause: str = "",
    id: str = "",  # noqa: A002 (the name in the header)
    seconds: float = ANSWER_SECONDS,
) -> StoreAnswer:
    """Return the answer of the store, or raise `Refused` or `NoAnswer`. `id`: the same again is the same order."""
    heard = await bus.ask(order, order.table, cause=cause, id=id, seconds=seconds)
    answer: StoreAnswer = heard.message
    if not answer.ok:
        raise Refused.by(answer.error)
    return answer


class StoreClient:
    """Sends orders to the store and waits, also for a store that is away, until each is carried out or refused."""

    def __init__(self, bus: Bus, warn: Callable[[str], None]) -> None:
        """`warn`: gets a sentence each time the store does not answer or cannot carry out an order yet."""
        self._bus = bus
        self._warn = warn

    async def ask(self, order: StoreOrder, *, cause: str = "", id: str = "") -> StoreAnswer:  # noqa: A002 (the name in the header)
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

    async def list(self, table: str, where: Values | None = None, *, sort: str = "", limit: int = 0) -> list[Values]:
        """Return the rows that match; for the arguments see `StoreOrder`."""
        order = StoreOrder(verb="list", table=table, where=where or {}, sort=sort, limit=limit, actor="system")
        return (await self.ask(order)).rows

    async def newest_revision(self) -> int:
        """Return the revision of the store."""
        return (await self.ask(StoreOrder(verb="list", table="setting", limit=1, actor="system"))).revision


# --- where a question goes that is asked outside the page ---

CONVERSATIONS = ("ask_conversation", "conversation")
"""Settings that name a conversation; the first one that is there is used."""


class Ask(Protocol):
    """Sends an order to the store; an order with the same id takes effect once."""

    async def __call__(self, order: StoreOrder, *, cause: str = "", id: str = "") -> StoreAnswer:  # noqa: A002 (the header's)
        """Return the answer, or raise `Refused`."""


async def conversation_to_ask_in(ask: Ask, order: str) -> int:
    """Return the conversation that was chosen for this, else the one opened last; make one if there is none.

    `order`: the beginning of the ids of the orders that make one.
    """
    settings = await ask(StoreOrder(verb="list", table="setting", where={"id": list(CONVERSATIONS)}))
    values = {row["id"]: row["value"] for row in settings.rows}
    for found in (values.get(key) for key in CONVERSATIONS):
        if isinstance(found, int) and await _is_there(ask, found):
            return found
    made = await ask(StoreOrder(verb="insert", table="conversation"), id=f"{order}-conversation")
    conversation: int = made.rows[0]["id"]
    opened = StoreOrder(verb="update", table="setting", id="conversation", values={"value": conversation})
    await ask(opened, id=f"{order}-opened")
    return conversation


async def _is_there(ask: Ask, conversation: int) -> bool:
    order = StoreOrder(verb="list", table="conversation", where={"id": conversation}, limit=1)
    return bool((await ask(order)).rows)
