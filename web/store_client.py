"""Read all rows that match, however many pages that takes."""

from apps.tables import Row
from bus.bus import Bus
from bus.messages import StoreOrder
from bus.store_client import ask_store


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
