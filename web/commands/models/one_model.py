"""Commands about one model: how it is asked, and taking it out of memory. And the search in the menu of models."""

from dataclasses import replace

from apps.tables import Row
from bus.messages import LlmUnload, LlmUnloaded
from web.commands.command import BadCommand, Command
from web.html.assistant_settings import personas_of
from web.html.models.menu import LONGEST_WORDS, model_list
from web.html.models.model_dialog import NAME, draw_problems, model_dialog
from web.html.parts import fragments
from web.html.parts.dialogs import draw_dialog, draw_end
from web.live.outbox import Frame
from web.state import model_settings
from web.state.page_view import model_named

UNLOAD_SECONDS = 15.0
"""How long the worker may take to have a model taken out of memory."""


async def ask_model(command: Command) -> None:
    """Show what is known of a model, and how it is asked."""
    model = listed_model(command)
    command.tab.push(Frame(draw_dialog(model_dialog(model, command.hub.shared.view()))))


async def set_model(command: Command) -> None:
    """Change how a model is asked. Bad values are told beside their fields, and what was typed stays."""
    model = listed_model(command)
    sent = {name: str(value) for name, value in command.values.items()}
    personas = [str(one["name"]) for one in personas_of(command.hub.shared.view())]
    chosen, problems = model_settings.checked(sent, int(model.get("context") or 0), personas)
    command.tab.push(Frame(draw_problems(problems)))
    if problems:
        return
    value = model_settings.with_settings(command.hub.shared.settings, model["name"], chosen)
    await command.set(model_settings.MODELS, value)
    command.tab.push(Frame(draw_end(NAME)))


async def unload_model(command: Command) -> None:
    """Have a model taken out of memory; it is loaded again for its next answer."""
    name = listed_model(command)["name"]
    heard = await command.hub.bus.ask(LlmUnload(model=name), name, id=command.id(), seconds=UNLOAD_SECONDS)
    unloaded: LlmUnloaded = heard.message
    if unloaded.problem:
        raise BadCommand(unloaded.problem)


async def search_models(command: Command) -> None:
    """Show, in this tab, the models whose names contain the words."""
    command.tab.model_words = command.text("words")[:LONGEST_WORDS]
    view = replace(command.hub.shared.view(), model_words=command.tab.model_words)
    command.tab.push(Frame(fragments.replace(model_list(view)), "bar"))


def listed_model(command: Command) -> Row:
    """Return the model that a command is about."""
    name = command.text("model")
    if model := model_named(command.hub.shared.models, name):
        return model
    raise BadCommand(f"There is no model {name!r:.60} (any more). Open the menu of models again.")
