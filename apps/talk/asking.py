"""Where a question goes that is asked outside the page: by `pianola ask`, and by a schedule."""

from typing import Protocol

from bus.messages import StoreAnswer, StoreOrder

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
