"""The list of conversations in a tab: open it, search in it, go on to older ones, and what can be done with one."""

from web.commands.command import Command
from web.commands.conversations import ASK_CONVERSATION, get_conversation
from web.html.chat.conversations import talk_dialog
from web.html.parts.dialogs import draw_dialog
from web.live.outbox import Frame
from web.state.talks.lists import LONGEST_WORDS, TalkWindow


async def show(command: Command) -> None:
    """Show the conversations, from an offset on if one is given."""
    offset = max(0, command.number("offset")) if "offset" in command.values else 0
    words = "" if offset else command.tab.talks.words
    command.tab.talks = TalkWindow(words, offset, is_open=True)
    command.tab.refresh("talks")


async def search(command: Command) -> None:
    """Show the conversations in which words are found; without any, all."""
    words = command.text("words")[:LONGEST_WORDS].strip()
    command.tab.talks = TalkWindow(words, is_open=True)
    command.tab.refresh("talks")


async def menu(command: Command) -> None:
    """Show what can be done with a conversation."""
    row = await get_conversation(command)
    asks = command.hub.shared.settings.get(ASK_CONVERSATION) == row["id"]
    command.tab.push(Frame(draw_dialog(talk_dialog(row, asks_here=asks))))
