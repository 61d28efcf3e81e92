"""`pianola up --verbose`: tables in the terminal after each command of the page."""

import asyncio
import re

import pytest

from bus.messages import StoreChanged, UiActed
from services.cli.verbose import Verbose
from tests.services.test_reload import until_printed
from tests.support.http_client import Visitor
from tests.support.launched import Launched
from tests.support.system import Guest, System, run_apart

TABLE = re.compile(
    r"\n\d\d:\d\d:\d\d  (insert|update) setting mode\n"
    r"  setting +│ value\n"
    r"  ─+┼─+\n"
    r"(  \w+ +│ .*\n)*"
    r'  mode +│ "quiet"\n'
)


@pytest.mark.supervisor
def test_a_command_of_the_page_prints_the_settings_as_a_table():
    with Launched(options=["--verbose"]) as system:

        async def choose() -> None:
            visitor = await asyncio.to_thread(Visitor, system)
            async with visitor.tab() as tab:
                assert await tab.command("set", key="mode", value="chatty") == ""
                await asyncio.to_thread(until_printed, system, '"chatty"')
                assert await tab.command("set", key="mode", value="quiet") == ""

        run_apart(choose())
        until_printed(system, '"quiet"')
        assert TABLE.search(system.printed()), system.printed()
        assert "\x1b" not in system.printed()  # it is no terminal


def test_the_workflow_that_was_changed_last_is_a_second_table_in_colours():
    run = {"id": "review/3", "step": "write\x1b[2J", "steps": {"collect": {"done": 5}}}

    async def act(guest: Guest) -> None:
        printed: asyncio.Queue[str] = asyncio.Queue()
        printing = asyncio.create_task(Verbose(guest.bus, coloured=True, write=printed.put_nowait).run())
        await guest.bus.greet()
        guest.bus.say(UiActed(app="workflows", action="opened"), "workflows")
        fact = {"table": "workflow_run", "verb": "update", "id": "review/3", "row": run, "before": {}, "actor": "user"}
        guest.bus.say(StoreChanged(**fact, revision=1), "workflow_run")
        said = await printed.get()
        printing.cancel()
        assert "opened workflows, update workflow_run review/3\x1b[0m" in said
        assert "\x1b[2m  workflow review/3 │ value\x1b[0m" in said
        assert '"write\\x1b[2J"' in said  # what rows hold does not reach the terminal as a command
        assert "{collect: {done: 5}}" in said

    with System() as system:
        system.start("broker", "store")
        system.visit(act, "store")
