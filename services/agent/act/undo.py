"""When what the assistant did is taken back, by whatever order: keep its entries in the chat true to that.

An entry's `detail.changes` are the revisions that stand for it now, `detail.undone` maps each one that was taken back
to the revision that did so. Undoing that one puts the entry back to applied, and stands for it from then on.
"""

import asyncio
from typing import NamedTuple

from apps.tables import Row
from bus.bus import Bus
from bus.messages import StoreOrder
from services.agent.act import cards
from services.agent.act.proposals import instructions_of
from services.agent.state.store_client import StoreClient

MOST_ENTRIES = 1_000
MOST_MENDED = 200


class Undoing(NamedTuple):
    """A change was taken back. `by`: the revision that did so."""

    change: int
    by: int
    cause: str


class UndoTracker:
    """Finds changes by entries, and entries by changes."""

    def __init__(self, bus: Bus, store_client: StoreClient) -> None:
        """Remembers nothing: the entries are in the store."""
        self._bus = bus
        self._store_client = store_client
        self._one_at_a_time = asyncio.Lock()
        self._news: list[Undoing] = []

    async def undone(self, change: int, by: int, cause: str) -> None:
        """Bring the entry up to date that a change which was taken back stands in, if the assistant made it."""
        self._news.append(Undoing(change, by, cause))
        async with self._one_at_a_time:
            news, self._news = self._news, []
            if news:  # else they were looked at with those before: a thousand may come at once
                await self._look(news)

    async def _look(self, news: list[Undoing]) -> None:
        where = {"role": "action", "state": ["applied", "undone"]}
        for entry in await self._store_client.list("message", where, sort="-id", limit=MOST_ENTRIES):
            now = entry
            for one in news:
                if values := after_undo(now, one.change, one.by):
                    now, last = now | values, one
            if now is not entry:
                await self._set(entry, {"state": now["state"], "detail": now["detail"]}, last.by, last.cause)

    async def mend(self) -> None:
        """Look at the newest entries again: an undo may have happened while nobody listened."""
        where = {"role": "action", "state": ["applied", "undone"]}
        entries = await self._store_client.list("message", where, sort="-id", limit=MOST_MENDED)
        revisions = [revision for entry in entries for revision in standing_for(entry)][:MOST_ENTRIES]
        if revisions:
            undone = {"id": revisions, "undone_by": {"from": 1}}
            for change in await self._store_client.list("change", undone, sort="id", limit=MOST_ENTRIES):
                await self.undone(change["id"], change["undone_by"], "")

    async def _set(self, entry: Row, values: Row, by: int, cause: str) -> None:
        order = StoreOrder(verb="update", table="message", id=entry["id"], values=values, actor="model")
        await self._store_client.ask(order, cause=cause, id=f"undone-{entry['id']}-{by}")
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
