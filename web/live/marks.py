"""Which rows the assistant changed last: read from the history, where every change has its actor."""

from collections.abc import Sequence

from bus.bus import Bus
from bus.messages import StoreOrder
from web.state.window import Key
from web.store_client import ask_store

MOST_CHANGES = 1_000
"""Of the rows in view, the newest. Who changes the same rows more often than that loses a mark, not a row."""
OTHERS = ["user", "app", "system"]


async def read_marks(bus: Bus, table: str, ids: Sequence[Key]) -> frozenset[Key]:
    """Return the ids of those rows whose last change is the model's.

    Most rows were never touched by it: the second question is about those that were, and is not asked without any.
    """
    by_model = await newest(bus, table, ids, ["model"])
    if not by_model:
        return frozenset()
    by_others = await newest(bus, table, list(by_model), OTHERS)
    return frozenset(key for key, revision in by_model.items() if revision > by_others.get(key, 0))


async def newest(bus: Bus, table: str, ids: Sequence[Key], actors: list[str]) -> dict[Key, int]:
    """Return the revision of the newest change of each row by one of these actors."""
    if not ids:
        return {}
    where = {"subject": table, "row": list(ids), "actor": actors}
    answer = await ask_store(bus, StoreOrder(verb="list", table="change", where=where, sort="-id", limit=MOST_CHANGES))
    found: dict[Key, int] = {}
    for change in answer.rows:
        found.setdefault(change["row"], change["id"])
    return found
