"""The table of commands: what comes over the WebSocket, by the name in `do`."""

from collections.abc import Awaitable, Callable

from web import (
    action_commands,
    card_commands,
    chat_commands,
    conversation_commands,
    imports_commands,
    page_commands,
    profile_commands,
    reveal_commands,
    row_commands,
    undo_commands,
    why_commands,
    window_commands,
)
from web.command import BadCommand, Command

COMMANDS: dict[str, Callable[[Command], Awaitable[None]]] = {
    "say": chat_commands.say,
    "stop": chat_commands.stop,
    "retry": chat_commands.retry,
    "continue": chat_commands.go_on,
    "agree": chat_commands.agree,
    "decline": chat_commands.decline,
    "undo": undo_commands.undo,
    "undo-through": undo_commands.undo_through,
    "undo-step": undo_commands.undo_step,
    "undo-card": card_commands.undo_card,
    "undo-answer": card_commands.undo_answer,
    "ask-undo-since": card_commands.ask_undo_since,
    "undo-since": card_commands.undo_since,
    "ask-note": card_commands.ask_note,
    "write-note": card_commands.write_note,
    "why": why_commands.why,
    "new": conversation_commands.new,
    "choose": conversation_commands.choose,
    "ask_rename": conversation_commands.ask_rename,
    "ask_delete": conversation_commands.ask_delete,
    "delete_conversation": conversation_commands.delete_conversation,
    "insert": row_commands.insert,
    "update": row_commands.update,
    "toggle": row_commands.toggle,
    "delete": row_commands.delete,
    "move": row_commands.move,
    "act": action_commands.act,
    "profile-create": profile_commands.create,
    "profile-rename": profile_commands.rename,
    "profile-ask": profile_commands.ask,
    "profile-delete": profile_commands.delete,
    "import-begin": imports_commands.begin,
    "import-stop": imports_commands.stop,
    "import-continue": imports_commands.go_on,
    "import-undo": imports_commands.take_back,
    "import-forget": imports_commands.put_away,
    "set": page_commands.change_setting,
    "opened": window_commands.opened,
    "more": window_commands.more,
    "page": window_commands.page,
    "older": window_commands.older,
    "reveal": reveal_commands.reveal,
    "selected": page_commands.acted,
    "searched": page_commands.acted,
    "poked": page_commands.acted,
}


async def carry_out(command: Command) -> None:
    """Do what a command asks for; raises `PianolaError` with the sentence for the user."""
    do = COMMANDS.get(command.name)
    if do is None:
        raise BadCommand(f"There is no command {command.name!r:.60}. Reload the page.")
    await do(command)
