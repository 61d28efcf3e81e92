"""What stands in the way of taking changes back, read from the history. Pure, but for `later_changes`."""

from collections.abc import Iterable, Sequence

from apps.tables import Row
from bus.bus import Bus
from web.store_client import every_row


async def later_changes(bus: Bus, change: Row) -> list[Row]:
    """Return the changes of the same row that came after a change, the oldest first."""
    since = {"from": change["id"] + 1}
    return await every_row(bus, "change", {"subject": change["subject"], "row": change["row"], "id": since})


def standing(changes: Iterable[Row]) -> list[Row]:
    """Return the changes of a row that are still in effect: one and its undo cancel each other out.

    `changes`: the oldest first. An undo of an undo brings the first change back, and stands for it.
    """
    stack: dict[int, Row] = {}
    for change in changes:
        if change["undoes"] in stack:
            del stack[change["undoes"]]
        else:
            stack[change["id"]] = change
    return list(stack.values())


def in_the_way(change: Row, later: Sequence[Row]) -> list[Row]:
    """Return the later changes that must be taken back before this one, the newest first.

    Those are the ones that touch what it touched; what an undo of them touches in turn needs the ones after them.
    """
    needed = [change]
    for one in later:
        if any(overlap(one, other) for other in needed):
            needed.append(one)
    return needed[:0:-1]


def overlap(one: Row, other: Row) -> bool:
    """Return whether two changes of a row touch the same: the row as a whole, or a field."""
    if one["verb"] != "update" or other["verb"] != "update":
        return True
    return not one["after"].keys().isdisjoint(other["after"])
