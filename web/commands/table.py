"""The table of commands: what comes over the WebSocket, by the name in `do`."""

from collections.abc import Awaitable, Callable

from web.commands import (
    actions,
    cards,
    chat,
    conversations,
    imports,
    profiles,
    reveal,
    rows,
    settings,
    undo,
    why,
    window,
)
from web.commands.command import BadCommand, Command

COMMANDS: dict[str, Callable[[Command], Awaitable[None]]] = {
    "say": chat.say,
    "stop": chat.stop,
    "retry": chat.retry,
    "continue": chat.go_on,
    "agree": chat.agree,
    "decline": chat.decline,
    "undo": undo.undo,
    "undo-through": undo.undo_through,
    "undo-step": undo.undo_step,
    "undo-card": cards.undo_card,
    "undo-answer": cards.undo_answer,
    "ask-undo-since": cards.ask_undo_since,
    "undo-since": cards.undo_since,
    "ask-note": cards.ask_note,
    "write-note": cards.write_note,
    "why": why.why,
    "new": conversations.new,
    "choose": conversations.choose,
    "ask_rename": conversations.ask_rename,
    "ask_delete": conversations.ask_delete,
    "delete_conversation": conversations.delete_conversation,
    "insert": rows.insert,
    "update": rows.update,
    "toggle": rows.toggle,
    "delete": rows.delete,
    "move": rows.move,
    "act": actions.act,
    "profile-create": profiles.create,
    "profile-rename": profiles.rename,
    "profile-ask": profiles.ask,
    "profile-delete": profiles.delete,
    "import-begin": imports.begin,
    "import-stop": imports.stop,
    "import-continue": imports.go_on,
    "import-undo": imports.take_back,
    "import-forget": imports.put_away,
    "set": settings.change_setting,
    "opened": window.opened,
    "more": window.more,
    "page": window.page,
    "older": window.older,
    "reveal": reveal.reveal,
    "selected": settings.acted,
    "searched": settings.acted,
    "poked": settings.acted,
}


async def carry_out(command: Command) -> None:
    """Do what a command asks for; raises `PianolaError` with the sentence for the user."""
    do = COMMANDS.get(command.name)
    if do is None:
        raise BadCommand(f"There is no command {command.name!r:.60}. Reload the page.")
    await do(command)
