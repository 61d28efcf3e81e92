"""Keep the cards in the chat true when a change of the assistant is undone, whichever order did that.

A card's `detail.changes` are the revisions of the changes that it stands for. `detail.undone` maps each revision that
was undone to the revision of the undo. When that undo is itself undone, the card becomes applied again, and the newest
revision replaces the old one in `changes`.
"""

import asyncio
from typing import NamedTuple

from apps.tables import Row
from bus.bus import Bus
from bus.messages import StoreOrder
from bus.store_client import StoreClient
from services.agent.act.cards import acted_message, instructions_of, place_of

MAX_CARDS = 1_000
"""Cards, the newest, among which the card of an undone change is looked for; also revisions in one catch-up."""
MAX_CARDS_CAUGHT_UP = 200
"""Cards, the newest, that are checked after a time in which facts were missed."""


class Undo(NamedTuple):
    """A change was undone. `by`: the revision of the undo."""

    change: int
    by: int
    cause: str


class UndoTracker:
    """Updates the cards whose changes were undone."""

    def __init__(self, bus: Bus, store_client: StoreClient) -> None:
        """Keeps no cards in memory: they are in the store."""
        self._bus = bus
        self._store_client = store_client
        self._lock = asyncio.Lock()
        self._new_undos: list[Undo] = []

    async def undone(self, change: int, by: int, cause: str) -> None:
        """Update the card of a change that was undone, if the assistant made that change."""
        self._new_undos.append(Undo(change, by, cause))
        async with self._lock:
            undos, self._new_undos = self._new_undos, []
            if undos:  # else they were handled together with earlier ones: a thousand may come at once
                await self._update_cards(undos)

    async def _update_cards(self, undos: list[Undo]) -> None:
        where = {"role": "action", "state": ["applied", "undone"]}
        for card in await self._store_client.list("message", where, sort="-id", limit=MAX_CARDS):
            now = card
            for undo in undos:
                if values := after_undo(now, undo.change, undo.by):
                    now, last = now | values, undo
            if now is not card:
                await self._update(card, {"state": now["state"], "detail": now["detail"]}, last.by, last.cause)

    async def catch_up(self) -> None:
        """Check the newest cards: their changes may have been undone while facts were missed."""
        where = {"role": "action", "state": ["applied", "undone"]}
        cards = await self._store_client.list("message", where, sort="-id", limit=MAX_CARDS_CAUGHT_UP)
        revisions = [revision for card in cards for revision in current_revisions(card)][:MAX_CARDS]
        if revisions:
            undone = {"id": revisions, "undone_by": {"from": 1}}
            for change in await self._store_client.list("change", undone, sort="id", limit=MAX_CARDS):
                await self.undone(change["id"], change["undone_by"], "")

    async def _update(self, card: Row, values: Row, by: int, cause: str) -> None:
        order = StoreOrder(verb="update", table="message", id=card["id"], values=values, actor="model")
        await self._store_client.ask(order, cause=cause, id=f"undone-{card['id']}-{by}")
        place = place_of(card)
        if values["state"] != card["state"]:
            for instruction in instructions_of(card):
                message = acted_message(place, instruction, values["state"], values["detail"]["change"])
                self._bus.say(message, place.app, cause=cause)


def current_revisions(card: Row) -> list[int]:
    """Return the revisions whose undo would change a card: its changes, or the undo of each where there is one."""
    detail = card["detail"] or {}
    undone = detail.get("undone") or {}
    return [undone.get(str(change), change) for change in detail.get("changes", ())]


def after_undo(card: Row, change: int, by: int) -> Row:
    """Return the card's new values after the revision `by` has undone `change`; {} if nothing changes. Pure."""
    detail = card["detail"] or {}
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
