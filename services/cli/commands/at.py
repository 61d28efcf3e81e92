"""`pianola at`: ask the assistant at a time, once or again and again."""

import argparse
import asyncio
from datetime import datetime
from functools import partial

from apps.core import SCHEDULE
from apps.due.schedules import next_times, zone_of
from apps.due.spoken import read_times
from apps.sentences import shortened
from apps.tables import Row
from apps.types.reader import HERE, zone_here
from apps.types.repeat import show_repeat
from bus.bus import Bus, new_id
from bus.errors import PianolaError
from bus.message_line import plain
from bus.messages import StoreOrder
from bus.settings import Settings, load
from bus.store_client import ask_store
from services.cli.bus_probe import check_bus
from services.cli.commands.ask import print_problem
from services.cli.turn import GREETING_SECONDS
from services.supervise.console import print_line

LONGEST_TITLE = 100
LONGEST_SHOWN = 60


class NothingToAsk(PianolaError):
    """A schedule without words."""

    def __init__(self) -> None:
        super().__init__(
            'there is nothing to ask. Write it behind the time: pianola at "tomorrow 8:00" "what is due?".'
        )


def run(arguments: argparse.Namespace) -> int:
    """Add the schedule, and print when it is due."""
    settings = load()
    if not arguments.text.strip():
        raise NothingToAsk
    values = values_of(arguments.when, arguments.text, datetime.now(zone_here()), skips=arguments.skip)
    check_bus(settings)
    print_line(said(asyncio.run(add(settings, values))))
    return 0


def values_of(when: str, text: str, now: datetime, *, skips: bool = False) -> Row:
    """Return the values of the schedule; raise `BadValue` for a time that is not understood."""
    what = {"title": shortened(text, LONGEST_TITLE), "kind": "prompt", "prompt": text}
    return {**what, **read_times(when, now), "missed": "skip" if skips else "once"}


async def add(settings: Settings, values: Row) -> Row:
    """Join the bus, and store the schedule in the profile in view; return its row."""
    bus = Bus("at", settings, lambda sentence, _error: print_problem(sentence))
    bus.connect()
    try:
        await bus.greet(GREETING_SECONDS)
        ask = partial(ask_store, bus)
        chosen = await ask(StoreOrder(verb="list", table="setting", where={"id": "profile"}))
        profile = next((row["value"] for row in chosen.rows if isinstance(row["value"], int)), 1)
        order = StoreOrder(verb="insert", table=SCHEDULE.name, values={**values, "profile": profile})
        return (await ask(order, id=new_id())).rows[0]
    finally:
        bus.close()


def said(row: Row) -> str:
    """Return what the user is told of a new schedule."""
    (due,) = next_times(row, 1)
    again = f", and again {show_repeat(row['repeat'], HERE)}" if row["repeat"] else ""
    words = shortened(plain(row["prompt"]), LONGEST_SHOWN)
    return (
        f"“{words}” is asked on {due:%a %d %b %Y} at {due:%H:%M} ({zone_of(row)}){again}.\n"
        "The app Schedules of the page shows it, and switches it off."
    )
