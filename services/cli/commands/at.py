"""`pianola at`: ask the assistant at a time, once or again and again.

This command may not import `apps`, so the words for the time are read in a process of its own. `-P`: it imports no
module from the user's folder.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from datetime import datetime
from functools import partial
from typing import Any

from bus.bus import Bus, new_id
from bus.errors import EXIT_REFUSED, PianolaError
from bus.message_line import plain
from bus.messages import StoreOrder
from bus.settings import Settings, load
from bus.store_client import ask_store
from bus.text.console import print_line
from services.cli.bus_probe import check_bus
from services.cli.commands.ask import print_problem
from services.cli.turn import GREETING_SECONDS

Row = dict[str, Any]

FIRST_PROFILE = 1
"""The profile in view where none was chosen."""


class NothingToAsk(PianolaError):
    """A schedule without words."""

    def __init__(self) -> None:
        super().__init__(
            'there is nothing to ask. Write it behind the time: pianola at "tomorrow 8:00" "what is due?".'
        )


def run(arguments: argparse.Namespace) -> int:
    """Add the schedule, and print when it is due. Return 0, or 3 for a time that is not understood."""
    settings = load()
    if not arguments.text.strip():
        raise NothingToAsk
    command = [sys.executable, "-P", "-m", "apps.due.at", arguments.when, arguments.text]
    read = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 (no shell)
    if read.returncode:
        return EXIT_REFUSED
    found = json.loads(read.stdout)
    check_bus(settings)
    values = found["values"] | {"missed": "skip" if arguments.skip else "once"}
    print_line(said(asyncio.run(add(settings, values)), found["again"]))
    return 0


async def add(settings: Settings, values: Row) -> Row:
    """Join the bus, and store the schedule in the profile in view; return its row."""
    bus = Bus("at", settings, lambda sentence, _error: print_problem(sentence))
    bus.connect()
    try:
        await bus.greet(GREETING_SECONDS)
        ask = partial(ask_store, bus)
        chosen = (await ask(StoreOrder(verb="list", table="setting", where={"id": "profile"}))).rows
        profile = next((row["value"] for row in chosen if isinstance(row["value"], int)), FIRST_PROFILE)
        order = StoreOrder(verb="insert", table="schedule", values={**values, "profile": profile})
        return (await ask(order, id=f"shell-schedule-{new_id()}")).rows[0]
    finally:
        bus.close()


def said(row: Row, again: str) -> str:
    """Return what the user is told of a new schedule. `again`: how often it comes again, in words."""
    due = datetime.fromtimestamp(row["next"])
    repeats = f", and again {again}" if again else ""
    return (
        f"“{plain(row['title'])}” is asked on {due:%a %d %b %Y} at {due:%H:%M}{repeats}.\n"
        "The app Schedules of the page shows it, and switches it off."
    )
