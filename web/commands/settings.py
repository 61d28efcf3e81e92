"""Settings that the page offers."""

from collections.abc import Callable
from typing import Any

from apps.core import ASK_MODES, BUDGETS, HAND_OVERS, MODES
from apps.tables import Field
from bus.errors import BadSetting
from bus.settings import checked, running_settings
from web.commands.command import BadCommand, Command

THEMES = ("", "light", "dark", "matrix")


async def change_setting(command: Command) -> None:
    """Change one of the settings that the page offers."""
    key = command.text("key")
    check = SETTINGS.get(key)
    if check is None:
        raise BadCommand(f"{key!r:.60} cannot be set here. Expected one of: {', '.join(SETTINGS)}.")
    is_default = key in running_settings() and key != "model" and command.text("value") == ""  # "" is a choice of model
    await command.set(key, None if is_default else check(command))


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


def running(command: Command) -> Any:
    """Check a setting of `bus/settings.py` that can be changed while everything runs."""
    try:
        return checked(command.text("key"), command.text("value"))
    except BadSetting as problem:
        raise BadCommand(f"{problem}.") from None


SETTINGS: dict[str, Callable[[Command], Any]] = {
    **dict.fromkeys(running_settings(), running),
    "mode": one_of(*MODES),
    "theme": one_of(*THEMES),
    "model": lambda command: Field("model", limit=300).checked(command.text("value")),
    "remark_model": lambda command: Field("model", limit=300).checked(command.text("value")),
    "general_model": lambda command: Field("model", limit=300).checked(command.text("value")),
    "hand_over": one_of(*HAND_OVERS),
    "persona": persona,
    "ask": one_of(*ASK_MODES),
    **dict.fromkeys(BUDGETS, budget),
    "profile": lambda command: command.number("value"),
}
"""The check of each setting, which returns its value."""
