"""Read the memories of a profile, and where each comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.causes import Why, why
from apps.change_lookup import known_about, rows_by
from apps.known.table import MEMORY
from apps.tables import Row
from apps.views import AppView
from bus.messages import StoreOrder

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Memories:
    """The memories, the newest first; `origins`: why each was added, by its id, as far as the history goes back."""

    rows: tuple[Row, ...] = ()
    total: int = 0
    origins: Mapping[int, Why] = field(default_factory=dict)


async def read_memories(view: AppView) -> Memories:
    """Return what the page shows."""
    order = StoreOrder(
        verb="list",
        table=MEMORY.name,
        where={"profile": view.profile},
        sort="-id",
        limit=min(view.limit, MOST_SHOWN),
        offset=view.offset,
    )
    answer = await view.ask(order)
    keys = [row["id"] for row in answer.rows]
    added = await rows_by(view.ask, "change", "row", keys, {"subject": MEMORY.name, "verb": "insert"})
    known = await known_about(view.ask, added)
    return Memories(tuple(answer.rows), answer.total, {change["row"]: why(change, known) for change in added})
