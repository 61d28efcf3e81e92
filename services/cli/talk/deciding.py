"""Agree to what the assistant proposes, decline it, or take back what it did: as the buttons of the page do."""

import asyncio
from typing import Any

from bus.bus import Bus, new_id
from bus.errors import PianolaError
from bus.limits import MAX_UNDONE_CHANGES
from bus.messages import StoreChanged, StoreOrder
from bus.store_client import ask_store

DONE_SECONDS = 20.0
"""How long the agent may take to carry out what was agreed to."""
GREETING_SECONDS = 5.0

Row = dict[str, Any]


class NotDone(PianolaError):
    """The agent has not carried out what was agreed to."""

    def __init__(self) -> None:
        super().__init__(
            f"the agent has not done it within {DONE_SECONDS:.0f} s. Your consent is kept, and it is done when the "
            "agent is back. `pianola status` shows what is wrong."
        )


async def decide(bus: Bus, card: Row, *, agreed: bool) -> Row:
    """Decide a proposal; return its row as it is when that is carried out."""
    over: asyncio.Future[Row] = asyncio.get_running_loop().create_future()

    def take(fact: StoreChanged) -> None:
        if fact.id == card["id"] and fact.row.get("state") not in ("proposed", "agreed") and not over.done():
            over.set_result(fact.row)

    bus.hear(StoreChanged, lambda heard: take(heard.message), "message")
    await bus.greet(GREETING_SECONDS)  # the subscription is in effect now
    values = {"state": "agreed" if agreed else "declined"}
    order = StoreOrder(verb="update", table="message", id=card["id"], values=values, where={"state": "proposed"})
    await ask_store(bus, order, id=new_id())
    try:
        async with asyncio.timeout(DONE_SECONDS):
            return await over
    except TimeoutError:
        raise NotDone from None


def said_of(card: Row) -> str:
    """Return what became of a proposal that was not carried out."""
    return "Not done." if card["state"] == "declined" else f"Not done: {card['text']}"


async def undo(bus: Bus, revisions: list[int]) -> int:
    """Take changes back, all or none; return how many. `revisions`: the oldest first."""
    changes = sorted(revisions, reverse=True)[:MAX_UNDONE_CHANGES]
    order = StoreOrder(verb="undo", table="", values={"changes": changes})
    await ask_store(bus, order, id=f"shell-undo-{new_id()}")
    return len(changes)
