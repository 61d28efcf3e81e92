"""Getting models: the worker fetches them; the page shows what it says (`web/live/models/display.py`)."""

import re

from bus.errors import PianolaError
from bus.messages import LlmPull, LlmPulled
from bus.servers.tables import RECOMMENDED_MODEL
from web.commands.command import BadCommand, Command
from web.html.models.get_dialog import draw_empty_form, draw_get_problem
from web.live.outbox import Frame
from web.state.pulls import LONGEST_NAME
from web.state.servers import short

COPIED = re.compile(r"^(?:\$\s*)?ollama\s+(?:pull|run)(?:\s+|$)|^https?://(?:www\.)?ollama\.com/(?:library/)?")
"""What stands before the name when somebody copies a whole command, or the address of the model's page."""


async def get_model(command: Command) -> None:
    """Have a model fetched, or go on with it. What is wrong is told in the dialog, and what was typed stays."""
    try:
        await order(command, asked_name(command.text("model")))
    except PianolaError as problem:
        command.tab.push(Frame(draw_get_problem(str(problem))))
        return
    command.tab.push(Frame(draw_get_problem("")))
    if command.values.get("typed"):
        command.tab.push(Frame(draw_empty_form()))


async def order(command: Command, name: str) -> None:
    """Order a download; raise `BadCommand` with the worker's sentence when it could not begin."""
    heard = await command.hub.bus.ask(LlmPull(model=name), name, id=command.id())
    pulled: LlmPulled = heard.message
    if pulled.state == "failed" and not command.hub.shared.pulls.of(name):
        raise BadCommand(pulled.problem)


async def stop_getting(command: Command) -> None:
    """Stop fetching a model. What has come is kept."""
    name = asked_name(command.text("model"))
    await command.hub.bus.ask(LlmPull(model=name, cancel=True), name, id=command.id())


async def forget_getting(command: Command) -> None:
    """Put away a download that has ended."""
    command.hub.shared.pulls.forget(command.text("model"))
    command.hub.models.show_lists()


def asked_name(text: str) -> str:
    """Return the name of a model as people write it. Whether it can be one the worker decides."""
    name = COPIED.sub("", text.strip())
    if not name:
        raise BadCommand(f"Write the name of a model, as on Ollama’s page, for example {RECOMMENDED_MODEL}.")
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise BadCommand(
            f"“{short(name)}” is no name of a model. Write it as on Ollama’s page, for example {RECOMMENDED_MODEL}."
        )
    return name
