"""Reminders: dismiss one. To tick or to put off what is due are commands about its row."""

from apps.core import REMINDER
from web.commands.command import Command


async def dismiss(command: Command) -> None:
    """Show a reminder no more, in any tab."""
    values = {"state": "dismissed"}
    await command.order(verb="update", table=REMINDER.name, id=command.number("reminder"), values=values)
