"""Carry out what a tab does to runs one after another, in the order in which it came.

Each command of a tab runs in a task of its own. Of two that keep what is typed, the older one could be carried out
last, when the store was away for a moment; then a field would hold again what it held before.
"""

from collections.abc import Awaitable, Callable
from functools import wraps

from web.commands.command import Command

Carry = Callable[[Command], Awaitable[None]]


def in_order(carry_out: Carry) -> Carry:
    """Return the function of a command that waits for those that came before from the same tab."""

    @wraps(carry_out)
    async def carry_out_in_turn(command: Command) -> None:
        async with command.tab.steps:
            await carry_out(command)

    return carry_out_in_turn
