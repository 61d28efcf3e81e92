"""`pianola ask`: one turn of the chat from the terminal; it shows in the page as well."""

import argparse
import asyncio
import sys

from bus.bus import Bus, new_id
from bus.errors import PianolaError
from bus.messages import StoreOrder
from bus.settings import Settings, load
from bus.store_client import ask_store
from services.cli.bus_probe import check_bus
from services.cli.spoken import Output
from services.cli.turn import GREETING_SECONDS, Turn

CONVERSATIONS = ("ask_conversation", "conversation")
"""Settings that name a conversation; the first one that is there is used."""


class EmptyQuestion(PianolaError):
    """There is nothing to ask."""

    def __init__(self) -> None:
        super().__init__('the question is empty. Write it behind the command: pianola ask "add milk".')


def run(arguments: argparse.Namespace) -> int:
    """Ask, and print what is said and done; return the exit code (see `services.cli.turn.Turn.take`)."""
    settings = load()
    check_bus(settings)
    text = sys.stdin.read() if arguments.text == "-" else arguments.text
    if not text.strip():
        raise EmptyQuestion
    return asyncio.run(ask(settings, text))


async def ask(settings: Settings, text: str) -> int:
    """Join the bus for one turn."""
    bus = Bus("ask", settings, lambda sentence, _error: print_problem(sentence))
    bus.connect()
    try:
        await bus.greet(GREETING_SECONDS)
        turn = Turn(bus, await current_conversation(bus), Output(sys.stdout), print_problem)
        return await turn.take(text)
    finally:
        bus.close()


async def current_conversation(bus: Bus) -> int:
    """Return the conversation that was chosen for this, else the one opened last; make one if there is none."""
    settings = await ask_store(bus, StoreOrder(verb="list", table="setting", where={"id": list(CONVERSATIONS)}))
    values = {row["id"]: row["value"] for row in settings.rows}
    for found in (values.get(key) for key in CONVERSATIONS):
        if isinstance(found, int) and await is_there(bus, found):
            return found
    made = await ask_store(bus, StoreOrder(verb="insert", table="conversation"), id=new_id())
    conversation: int = made.rows[0]["id"]
    values = {"value": conversation}
    order = StoreOrder(verb="update", table="setting", id="conversation", values=values)
    await ask_store(bus, order, id=new_id())
    return conversation


async def is_there(bus: Bus, conversation: int) -> bool:
    """Return whether there is this conversation."""
    order = StoreOrder(verb="list", table="conversation", where={"id": conversation}, limit=1)
    return bool((await ask_store(bus, order)).rows)


def print_problem(sentence: str) -> None:
    """Print a sentence for the user on the error output."""
    sys.stderr.write(f"pianola: {sentence}\n")
