"""Which later changes conflict with the undo of a change, according to the history. Only `later_changes` reads it."""

from collections.abc import Iterable, Sequence

from apps.tables import Row
from bus.bus import Bus
from web.store_client import every_row


async def later_changes(bus: Bus, change: Row) -> list[Row]:
    """Return the changes of the same row that came after a change, the oldest first."""
    since = {"from": change["id"] + 1}
    return await every_row(bus, "change", {"subject": change["subject"], "row": change["row"], "id": since})


def standing(changes: Iterable[Row]) -> list[Row]:
    """Return the changes of a row that are still in effect: a change and its undo cancel each other out.

    `changes`: the oldest first. The undo of an undo counts as the first change, which it restores.
    """
    stack: dict[int, Row] = {}
    for change in changes:
        if change["undoes"] in stack:
            del stack[change["undoes"]]
        else:
            stack[change["id"]] = change
    return list(stack.values())


def conflicts(change: Row, later: Sequence[Row]) -> list[Row]:
    """Return the later changes that must be undone before this one, the newest first.

    A later change conflicts if it overlaps this change, or another change that conflicts.
    """
    needed = [change]
    for one in later:
        if any(overlap(one, other) for other in needed):
            needed.append(one)
    return needed[:0:-1]


def overlap(one: Row, other: Row) -> bool:
    """Return whether two changes of a row overlap: one is of the whole row, or both change the same field."""
    if one["verb"] != "update" or other["verb"] != "update":
        return True
    return not one["after"].keys().isdisjoint(other["after"])
