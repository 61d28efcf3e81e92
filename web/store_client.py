"""Ask the store: carry out one order, or read all rows that match."""

from apps.tables import Row
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


async def every_row(bus: Bus, table: str, where: Row) -> list[Row]:
    """Return all rows that match, in the order of their ids."""
    rows: list[Row] = []
    more = True
    while more:
        last = rows[-1]["id"] if rows else 0
        start, offset = ({"id": {"from": last + 1}}, 0) if type(last) is int and last else ({}, len(rows))
        order = StoreOrder(verb="list", table=table, where=where | start, sort="id", limit=1000, offset=offset)
        answer = await ask_store(bus, order)
        rows, more = rows + answer.rows, answer.more
    return rows
