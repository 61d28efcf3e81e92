"""What the user does with the page itself: settings, and what the assistant may hear of."""

from collections.abc import Callable
from typing import Any

from apps.core import MODES
from apps.tables import Field
from web.command import ENVELOPE, BadCommand, Command

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


SETTINGS: dict[str, Callable[[Command], Any]] = {
    "mode": one_of(*MODES),
    "theme": one_of(*THEMES),
    "model": lambda command: Field("model", limit=300).checked(command.text("value")),
    "profile": lambda command: command.number("value"),
}


async def acted(command: Command) -> None:
    """Tell the agent of something that was selected, searched or poked."""
    detail = {name: value for name, value in command.values.items() if name not in ENVELOPE}
    command.acted(command.name, **{name: str(value)[:1000] for name, value in detail.items()})
