"""`pianola ask`: one turn of the chat from the terminal; it shows in the page as well."""

import argparse
import asyncio
import sys
from functools import partial

from bus.bus import Bus, new_id
from bus.errors import PianolaError
from bus.settings import Settings, load
from bus.store_client import ask_store, conversation_to_ask_in
from services.cli.bus_probe import check_bus
from services.cli.spoken import Output
from services.cli.turn import GREETING_SECONDS, Turn


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
        conversation = await conversation_to_ask_in(partial(ask_store, bus), new_id())
        turn = Turn(bus, conversation, Output(sys.stdout), print_problem)
        return await turn.take(text)
    finally:
        bus.close()


def print_problem(sentence: str) -> None:
    """Print a sentence for the user on the error output."""
    sys.stderr.write(f"pianola: {sentence}\n")
