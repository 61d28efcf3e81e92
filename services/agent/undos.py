"""Mark the entries of the assistant's deeds in the chat when they were taken back."""

from apps.tables import Row
from bus.bus import Bus
from bus.messages import StoreOrder
from services.agent import cards
from services.agent.orders import Orders


class Undos:
    """Finds the entry of a deed by the revision of its change."""

    def __init__(self, bus: Bus, orders: Orders) -> None:
        """Remembers nothing: the entries are in the store."""
        self._bus = bus
        self._orders = orders

    async def undone(self, change: int, cause: str) -> None:
        """Mark the entry of this change, if the assistant made it."""
        for entry in await self._orders.list("message", {"role": "action", "state": "applied"}, sort="-id", limit=1000):
            if (entry["detail"] or {}).get("change") == change:
                await self._mark(entry, cause)
                place = cards.place_of(entry)
                acted = cards.acted(place, entry["detail"]["instruction"], "undone", change)
                self._bus.say(acted, place.app, cause=cause)

    async def _mark(self, entry: Row, cause: str) -> None:
        values, where = {"state": "undone"}, {"state": "applied"}
        order = StoreOrder(verb="update", table="message", id=entry["id"], values=values, where=where, actor="model")
        await self._orders(order, cause=cause, id=f"undone-{entry['id']}-{cause}")
