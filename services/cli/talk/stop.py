"""Stop an answer, as Stop in the page does."""

from typing import Any

from bus.bus import Bus, new_id
from bus.errors import NoAnswer, Refused
from bus.messages import LlmCancel, LlmRecalled, StoreOrder
from bus.store_client import ask_store

STOP_SECONDS = 2.0
"""How long the worker may take to say that it ends a generation."""

Row = dict[str, Any]


async def stop(bus: Bus, row: Row, text: str) -> None:
    """Stop the generation of a message. `text`: what has come of it, which is kept if nobody else knows of it."""
    generation = f"{row['id']}.{row['attempt']}"
    try:
        heard = await bus.ask(LlmCancel(generation=generation), row["conversation"], seconds=STOP_SECONDS)
    except NoAnswer:
        state = "unknown"
    else:
        recalled: LlmRecalled = heard.message
        state = recalled.state
    if state not in ("unknown", "lost"):
        return
    values = {"state": "stopped", "generation": generation, "text": text}
    where = {"state": "streaming", "attempt": row["attempt"]}
    order = StoreOrder(verb="update", table="message", id=row["id"], values=values, where=where)
    try:
        await ask_store(bus, order, id=new_id())
    except Refused as refused:
        if refused.code != "conflict":  # else it has ended by itself meanwhile
            raise


async def stop_in(bus: Bus, conversation: int) -> bool:
    """Stop the answers that are coming in a conversation; return whether there was one."""
    where = {"conversation": conversation, "state": "streaming"}
    rows = (await ask_store(bus, StoreOrder(verb="list", table="message", where=where))).rows
    for row in rows:
        await stop(bus, row, row["text"])
    return bool(rows)
