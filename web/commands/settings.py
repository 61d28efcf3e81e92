"""Settings that the page offers."""

from collections.abc import Callable
from typing import Any

from apps.core import ASK_MODES, BUDGETS, MODES
from apps.tables import Field, Row
from bus.messages import LlmUnload, LlmUnloaded
from web.commands.command import BadCommand, Command
from web.html.models import NAME, draw_problems, model_dialog, model_named
from web.html.parts.dialogs import draw_dialog, draw_end
from web.live.outbox import Frame
from web.state import model_settings

UNLOAD_SECONDS = 15.0
"""How long the worker may take to have a model taken out of memory."""

THEMES = ("", "light", "dark", "matrix")


async def change_setting(command: Command) -> None:
    """Change one of the settings that the page offers."""
    key = command.text("key")
    check = SETTINGS.get(key)
    if check is None:
        raise BadCommand(f"{key!r:.60} cannot be set here. Expected one of: {', '.join(SETTINGS)}.")
    await command.set(key, check(command))


def one_of(*choices: str) -> Callable[[Command], str]:
    """Return a check that the value is one of the choices."""

    def check(command: Command) -> str:
        value = command.text("value")
        if value not in choices:
            raise BadCommand(f"{value!r:.60} cannot be chosen. Expected one of: {', '.join(choices)}.")
        return value

    return check


def persona(command: Command) -> str:
    """Check that the persona exists; a broken one may be chosen, and is used once it is repaired."""
    name, listed = command.text("value"), command.hub.shared.settings.get("personas")
    names = [one["name"] for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if name not in names:
        raise BadCommand(f"There is no persona {name!r:.60}. There are: {', '.join(names)}.")
    return name


def budget(command: Command) -> int:
    """Check that the value is within its limits."""
    key, value = command.text("key"), command.number("value")
    least, most = BUDGETS[key]
    if not least <= value <= most:
        raise BadCommand(f"{value:,} is not possible here. Expected a number from {least:,} to {most:,}.")
    return value


# --- models ---


async def ask_model(command: Command) -> None:
    """Show what is known of a model, and how it is asked."""
    model = listed_model(command)
    command.tab.push(Frame(draw_dialog(model_dialog(model, command.hub.shared.view()))))


async def set_model(command: Command) -> None:
    """Change how a model is asked. Bad values are told beside their fields, and what was typed stays."""
    model = listed_model(command)
    sent = {name: str(value) for name, value in command.values.items()}
    chosen, problems = model_settings.checked(sent, int(model.get("context") or 0))
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


def listed_model(command: Command) -> Row:
    """Return the model that a command is about."""
    name = command.text("model")
    if model := model_named(command.hub.shared.models, name):
        return model
    raise BadCommand(f"There is no model {name!r:.60} (any more). Open the menu of models again.")


# --- all others ---

SETTINGS: dict[str, Callable[[Command], Any]] = {
    "mode": one_of(*MODES),
    "theme": one_of(*THEMES),
    "model": lambda command: Field("model", limit=300).checked(command.text("value")),
    "remark_model": lambda command: Field("model", limit=300).checked(command.text("value")),
    "persona": persona,
    "ask": one_of(*ASK_MODES),
    **dict.fromkeys(BUDGETS, budget),
    "profile": lambda command: command.number("value"),
}
"""The check of each setting, which returns its value."""
