"""One question to the store."""

from bus.bus import Bus
from bus.errors import Refused
from bus.messages import StoreAnswer, StoreOrder


async def ask_store(bus: Bus, order: StoreOrder, *, cause: str = "", id: str = "") -> StoreAnswer:  # noqa: A002
    """Send an order to the store; return its answer, or raise `Refused` or `NoAnswer`."""
    heard = await bus.ask(order, order.table, cause=cause, id=id)
    answer: StoreAnswer = heard.message
    if not answer.ok:
        raise Refused(str(answer.error.get("code", "failed")), str(answer.error.get("message", "The store refused.")))
    return answer
