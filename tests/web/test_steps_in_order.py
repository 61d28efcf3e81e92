"""Commands about the step of a workflow: one after another, as they came from a tab."""

import asyncio
from types import SimpleNamespace
from typing import Any

from tests.support.system import run_apart
from web.commands.table import COMMANDS
from web.commands.workflows.in_order import in_order


def command(tab: Any, number: int) -> Any:
    return SimpleNamespace(tab=tab, number=number)


def test_a_command_waits_for_those_that_came_before():
    done: list[int] = []

    async def play() -> None:
        tab, may_end = SimpleNamespace(steps=asyncio.Lock()), asyncio.Event()

        async def carry_out(command: Any) -> None:
            if command.number == 1:
                await may_end.wait()
            done.append(command.number)

        carried = [asyncio.create_task(in_order(carry_out)(command(tab, number))) for number in (1, 2, 3)]
        await asyncio.sleep(0)
        may_end.set()
        await asyncio.gather(*carried)

    run_apart(play())

    assert done == [1, 2, 3]


def test_one_that_fails_lets_the_next_one_begin():
    done: list[int] = []

    async def play() -> None:
        tab = SimpleNamespace(steps=asyncio.Lock())

        async def carry_out(command: Any) -> None:
            done.append(command.number)
            raise ValueError(command.number)

        both = [in_order(carry_out)(command(tab, number)) for number in (1, 2)]
        await asyncio.gather(*both, return_exceptions=True)

    run_apart(play())

    assert done == [1, 2]


def test_all_commands_about_a_step_are_carried_out_so():
    about_steps = {name: function for name, function in COMMANDS.items() if name.startswith("workflow-")}

    assert {name for name, function in about_steps.items() if not hasattr(function, "__wrapped__")} == {
        "workflow-begin"
    }
