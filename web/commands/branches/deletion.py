"""Delete conversations with their versions. Their forks keep what they show."""

from apps.tables import Row
from apps.talk.chain import Chain
from bus.limits import MAX_ANSWER_ROWS
from web.commands.command import Command
from web.live.branches.reading import chain_of, versions_from
from web.state.branches.deletion import Deletion, deletion_of
from web.store_client import every_row

MOST_AT_ONCE = 900
"""Orders, and rows that one of them deletes, in one order to the store; its limit is 1,000 orders."""


async def plan_of(command: Command, conversations: list[int]) -> Deletion:
    """Return what the deletion of conversations does."""
    read, bus = command.hub.reader.read, command.hub.bus
    versions = await versions_from(read, conversations)
    doomed = list(dict.fromkeys([*conversations, *(row["id"] for row in versions)]))
    children = (await read("conversation", MAX_ANSWER_ROWS, {"parent": doomed, "version": False}, "id")).rows
    forks = [row for row in children if row["id"] not in doomed]
    chains: dict[int, Chain] = {fork["id"]: await chain_of(read, fork["id"]) for fork in forks}
    most = max((fork["before"] for fork in forks), default=0)
    shared = await every_row(bus, "message", {"conversation": doomed, "id": {"to": most - 1}}) if most > 0 else []
    return deletion_of(doomed, chains, shared)


async def keep_for_forks(command: Command, plan: Deletion) -> list[Row]:
    """Return the orders that move to forks what they show. If they are too many for one order, most are sent before."""
    orders = plan.orders
    while len(orders) > MOST_AT_ONCE:
        first, orders = orders[:MOST_AT_ONCE], orders[MOST_AT_ONCE:]
        table = first[0]["table"]
        await command.order(f"keep-{len(orders)}", verb="batch", table=table, values={"orders": first})
    return orders
