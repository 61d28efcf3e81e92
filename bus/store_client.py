"""Ask the store: send one order, return its answer."""

from bus.bus import ANSWER_SECONDS, Bus
from bus.errors import Refused
from bus.messages import StoreAnswer, StoreOrder


async def ask_store(
    bus: Bus,
    order: StoreOrder,
    *,
    cause: str = "",
    id: str = "",  # noqa: A002
    seconds: float = ANSWER_SECONDS,
) -> StoreAnswer:
    """Return the answer of the store, or raise `Refused` or `NoAnswer`. `id`: the same again is the same order."""
    heard = await bus.ask(order, order.table, cause=cause, id=id, seconds=seconds)
    answer: StoreAnswer = heard.message
    if not answer.ok:
        raise Refused.by(answer.error)
    return answer
