"""Take back what the assistant did, and keep its entries in the chat true to it.

Asked for by `ui.acted` with the action `undo`; `detail` says what: `card` (one entry), `answer` (everything that came
of one answer, named by any of its messages), or `since` (everything since then, Unix seconds). All of it, or nothing.

An entry's `detail.changes` are the revisions that stand for it now, `detail.undone` maps each one that was taken back
to the revision that did so. Undoing that one puts the entry back to applied, and stands for it from then on.
"""

import asyncio

from apps.tables import Row
from bus.bus import Bus
from bus.errors import Refused
from bus.messages import StoreOrder, UiActed
from services.agent import cards
from services.agent.orders import Orders
from services.agent.proposals import instructions_of

MOST_ENTRIES = 1_000
MOST_MENDED = 200
NOT_UNDONE = "Not undone: {reason}"


class Undos:
    """Finds changes by entries, and entries by changes."""

    def __init__(self, bus: Bus, orders: Orders) -> None:
        """Remembers nothing: the entries are in the store."""
        self._bus = bus
        self._orders = orders
        self._one_at_a_time = asyncio.Lock()

    # --- what the user asks for ---

    async def asked(self, wish: UiActed, wish_id: str) -> None:
        """Take back what the user no longer wants; what stands in the way is told by an entry."""
        entries = await self._entries(wish.detail)
        changes = await self._standing(entries, wish.detail.get("since", 0))
        if not changes:
            return
        order = StoreOrder(verb="undo", table="", values={"changes": changes}, actor="user")
        try:
            await self._orders(order, cause=wish_id, id=f"undo-{wish_id}")
        except Refused as refused:
            await self._tell(entries[0], str(refused), wish_id)

    async def _entries(self, detail: Row) -> list[Row]:
        where: Row = {"role": "action", "state": "applied"}
        if type(number := detail.get("card")) is int:
            where["id"] = number
        elif type(number := detail.get("answer")) is int:
            where["reply_to"] = await self._messages_of_answer(number)
        elif type(detail.get("since")) not in (int, float):
            return []
        return await self._orders.list("message", where, sort="-id", limit=MOST_ENTRIES)

    async def _messages_of_answer(self, number: int) -> list[int]:
        """Return the ids of all messages of an answer: the model may have gone on in several steps."""
        rows = await self._orders.list("message", {"id": number})
        question = rows[0]["reply_to"] if rows else 0
        if not question:
            return [number]
        answers = await self._orders.list("message", {"role": "assistant", "reply_to": question}, limit=MOST_ENTRIES)
        return [row["id"] for row in answers]

    async def _standing(self, entries: list[Row], since: float) -> list[int]:
        """Return the revisions of the entries that nobody has taken back."""
        revisions = [change for entry in entries for change in entry["detail"].get("changes", ())][:MOST_ENTRIES]
        if not revisions:
            return []
        found = await self._orders.list("change", {"id": revisions, "undone_by": 0}, sort="id", limit=MOST_ENTRIES)
        return [change["id"] for change in found if change["at"] >= since]

    async def _tell(self, entry: Row, reason: str, cause: str) -> None:
        place = cards.place_of(entry)
        said = cards.card(place, "refused", NOT_UNDONE.format(reason=reason), entry["detail"]["instruction"])
        order = StoreOrder(verb="insert", table="message", values=said, actor="model")
        await self._orders(order, cause=cause, id=f"undo-{cause}-refused")

    # --- what happened ---

    async def undone(self, change: int, by: int, cause: str) -> None:
        """Bring the entry up to date that a change which was taken back stands in, if the assistant made it."""
        async with self._one_at_a_time:
            where = {"role": "action", "state": ["applied", "undone"]}
            for entry in await self._orders.list("message", where, sort="-id", limit=MOST_ENTRIES):
                if values := after_undo(entry, change, by):
                    await self._set(entry, values, by, cause)
                    return

    async def mend(self) -> None:
        """Look at the newest entries again: an undo may have happened while nobody listened."""
        where = {"role": "action", "state": ["applied", "undone"]}
        entries = await self._orders.list("message", where, sort="-id", limit=MOST_MENDED)
        revisions = [revision for entry in entries for revision in standing_for(entry)][:MOST_ENTRIES]
        if revisions:
            undone = {"id": revisions, "undone_by": {"from": 1}}
            for change in await self._orders.list("change", undone, sort="id", limit=MOST_ENTRIES):
                await self.undone(change["id"], change["undone_by"], "")

    async def _set(self, entry: Row, values: Row, by: int, cause: str) -> None:
        order = StoreOrder(verb="update", table="message", id=entry["id"], values=values, actor="model")
        await self._orders(order, cause=cause, id=f"undone-{entry['id']}-{by}")
        place = cards.place_of(entry)
        if values["state"] != entry["state"]:
            for instruction in instructions_of(entry):
                acted = cards.acted(place, instruction, values["state"], values["detail"]["change"])
                self._bus.say(acted, place.app, cause=cause)


def standing_for(entry: Row) -> list[int]:
    """Return the revisions whose undoing would change an entry: its changes, and the undoings of those."""
    detail = entry["detail"] or {}
    undone = detail.get("undone") or {}
    return [undone.get(str(change), change) for change in detail.get("changes", ())]


def after_undo(entry: Row, change: int, by: int) -> Row:
    """Return what an entry says after `change` was taken back by the revision `by`; {} when it says the same. Pure."""
    detail = entry["detail"] or {}
    changes, undone = list(detail.get("changes") or ()), dict(detail.get("undone") or {})
    redone = next((key for key, revision in undone.items() if revision == change), None)
    if redone is not None:
        del undone[redone]
        changes = [by if one == int(redone) else one for one in changes]
    elif change in changes and str(change) not in undone:
        undone[str(change)] = by
    else:
        return {}
    state = "undone" if all(str(one) in undone for one in changes) else "applied"
    return {"state": state, "detail": detail | {"changes": changes, "undone": undone, "change": changes[-1]}}
