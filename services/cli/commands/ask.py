"""`pianola ask`: one turn of the chat from the terminal; it shows in the page as well."""

import argparse
import asyncio
import io
import json
import sys

from bus.bus import Bus
from bus.errors import PianolaError
from bus.settings import Settings, load
from services.cli.bus_probe import check_bus
from services.cli.spoken import Output
from services.cli.talk.context import piped, with_context
from services.cli.talk.conversations import conversation_called
from services.cli.talk.wants import app_called, model_called
from services.cli.turn import GREETING_SECONDS, Turn


class EmptyQuestion(PianolaError):
    """There is nothing to ask."""

    def __init__(self) -> None:
        super().__init__('the question is empty. Write it behind the command: pianola ask "add milk".')


def run(arguments: argparse.Namespace) -> int:
    """Ask, and print what is said and done; return the exit code (see `services.cli.turn.Turn.take`)."""
    settings = load()
    check_bus(settings)
    text = question_in(arguments.text)
    app = app_called(settings, arguments.app)
    work = ask(
        settings,
        text,
        conversation=arguments.conversation,
        app=app,
        model=arguments.model,
        as_json=arguments.json,
    )
    return asyncio.run(work)


def question_in(text: str) -> str:
    """Return the question, with what is piped in behind it. `-`: what is piped in is the question."""
    if text == "-":
        text = sys.stdin.read()
        if not text.strip():
            raise EmptyQuestion
        return text
    if not text.strip():
        raise EmptyQuestion
    return with_context(text, piped(print_problem))


async def ask(
    settings: Settings, text: str, *, conversation: str = "", app: str = "", model: str = "", as_json: bool = False
) -> int:
    """Join the bus for one turn. `conversation`, `app`, `model`: as in the options; "" for those in view."""
    bus = Bus("ask", settings, lambda sentence, _error: print_problem(sentence))
    bus.connect()
    try:
        await bus.greet(GREETING_SECONDS)
        wants = {"app": app, "model": await model_called(bus, model)}
        talk = await conversation_called(bus, conversation, text)
        turn = Turn(bus, talk, Output(io.StringIO() if as_json else sys.stdout), print_problem)
        code = await turn.take(text, wants)
        if as_json:
            sys.stdout.write(f"{json.dumps(turn.report(code), ensure_ascii=False)}\n")
        return code
    finally:
        bus.close()


def print_problem(sentence: str) -> None:
    """Print a sentence for the user on the error output."""
    sys.stderr.write(f"pianola: {sentence}\n")
