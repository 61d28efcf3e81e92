"""The rows that a comment is about: `detail.about` of its message. A comment about a row that is gone is not kept."""

from collections import defaultdict
from collections.abc import Iterable

from apps.tables import Row
from bus.errors import Refused
from bus.store_client import StoreClient
from services.agent.state.events import RowRef


def about_as_values(about: Iterable[RowRef]) -> list[Row]:
    """Return rows as `detail.about` keeps them."""
    return [{"table": table, "row": key} for table, key in sorted(about, key=str)]


def about_of(message: Row) -> frozenset[RowRef]:
    """Return the rows that a message is about."""
    return frozenset((one["table"], one["row"]) for one in (message["detail"] or {}).get("about") or ())


async def gone_rows(store_client: StoreClient, about: Iterable[RowRef]) -> frozenset[RowRef]:
    """Return which of these rows do not exist any more. A table that is not there any more has none."""
    wanted: dict[str, list[int | str]] = defaultdict(list)
    for table, key in about:
        wanted[table].append(key)
    gone: set[RowRef] = set()
    for table, keys in wanted.items():
        try:
            there = {row["id"] for row in await store_client.list(table, {"id": keys}, limit=len(keys))}
        except Refused:
            there = set()
        gone |= {(table, key) for key in keys if key not in there}
    return frozenset(gone)
