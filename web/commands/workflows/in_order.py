"""Carry out what a tab does to runs one after another, in the order in which it came, and each once.

Each command of a tab runs in a task of its own. Of two that keep what is typed, the older one could be carried out
last, when the store was away for a moment; then a field would hold again what it held before.
"""

from collections.abc import Awaitable, Callable
from functools import wraps

from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands.command import BadCommand, Command

Carry = Callable[[Command], Awaitable[None]]


def in_order(carry_out: Carry) -> Carry:
    """Return the function of a command that waits for those that came before from the same tab.

    One that was carried out already, and is sent again after a reconnect, is not refused because of its own effect.
    """

    @wraps(carry_out)
    async def carry_out_in_turn(command: Command) -> None:
        async with command.tab.steps:
            try:
                await carry_out(command)
            except BadCommand:
                if not await is_done(command):
                    raise

    return carry_out_in_turn


async def is_done(command: Command) -> bool:
    """Return whether the store has carried out the order of a command."""
    order = StoreOrder(verb="list", table="change", where={"asked": [command.id()]}, limit=1)
    return bool((await ask_store(command.hub.bus, order)).rows)
