"""Open the menu “…” of a message."""

from web.commands.chat import get_message
from web.commands.command import Command
from web.html.chat.message_menu import menu_entries
from web.html.parts.fragments import replace
from web.live.outbox import Frame


async def show_menu(command: Command) -> None:
    """Fill the menu of the page with what can be done with a message; the script opens it."""
    command.tab.push(Frame(replace(menu_entries(await get_message(command)))))
