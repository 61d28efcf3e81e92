"""What the user does in the chat: say, stop, try again, decide."""

from typing import Any

from apps.core import MESSAGE
from apps.tables import Row
from bus.messages import LlmCancel, LlmRecalled, StoreOrder
from web.commands.command import BadCommand, Command
from web.live.streams import generation_of
from web.state.page_view import conversation_in
from web.store_client import ask_store

TITLE_CHARACTERS = 60
STOP_SECONDS = 5.0


async def say(command: Command) -> None:
    """Write a message; the first one begins a conversation."""
    text = command.text("text")
    if not text.strip():
        raise BadCommand("The message is empty. Write something first.")
    MESSAGE.all_fields["text"].checked(text)
    await turn_to_app(command)
    conversation = conversation_in(command.hub.shared.settings) or await begin(command, text)
    values = {"conversation": conversation, "role": "user", "text": text, **amendment(command)}
    await command.order(verb="insert", table="message", values=values)


def amendment(command: Command) -> Row:
    """Return what a message says beside its words when it is about a proposal: that one is then declined."""
    return {"detail": {"amends": command.number("amends")}} if command.values.get("amends") else {}


async def turn_to_app(command: Command) -> None:
    """Let the assistant act in the app that is open in this tab, whatever was opened last in another one."""
    hub, app = command.hub, command.tab.app
    if app != hub.shared.app and app in hub.apps.tables:
        await command.set("app", app)


async def begin(command: Command, text: str) -> int:
    """Make a conversation named after its first words, and bring it into view."""
    title = " ".join(text.split())[:TITLE_CHARACTERS]
    rows = await command.order("conversation", verb="insert", table="conversation", values={"title": title})
    conversation: int = rows[0]["id"]
    await command.set("conversation", conversation)
    return conversation


async def stop(command: Command) -> None:
    """Stop the generation of a message."""
    row = await message_of(command)
    if row["state"] != "streaming":
        return
    order = LlmCancel(generation=generation_of(row))
    heard = await command.hub.bus.ask(order, row["conversation"], id=command.id(), seconds=STOP_SECONDS)
    recalled: LlmRecalled = heard.message
    if recalled.state == "unknown":
        raise BadCommand("This answer has not begun yet, so it cannot be stopped. Try again in a moment.")
    command.acted("stopped", message=row["id"], state=recalled.state)


async def retry(command: Command) -> None:
    """Have an answer generated anew."""
    await again(command, text="", thinking="")


async def go_on(command: Command) -> None:
    """Have an answer continued from where it was cut."""
    await again(command)


async def again(command: Command, **values: Any) -> None:
    """Ask the agent for another attempt, which begins with the text that the row then has."""
    row = await message_of(command)
    if row["role"] != "assistant" or row["state"] == "streaming":
        raise BadCommand("Only an answer that has ended can be tried again.")
    values = {"state": "streaming", "attempt": row["attempt"] + 1, "problem": "", **values}
    unchanged = {"state": row["state"], "attempt": row["attempt"]}
    await command.order(verb="update", table="message", id=row["id"], values=values, where=unchanged)


async def agree(command: Command) -> None:
    """Let the assistant do what it proposed."""
    await decide(command, "agreed")


async def decline(command: Command) -> None:
    """Forget what the assistant proposed."""
    await decide(command, "declined")


async def decide(command: Command, state: str) -> None:
    """Answer a proposal that still waits."""
    number = command.number("message")
    await command.order(verb="update", table="message", id=number, values={"state": state}, where={"state": "proposed"})


async def message_of(command: Command) -> Row:
    """Return the message that a command is about."""
    order = StoreOrder(verb="get", table="message", id=command.number("message"))
    answer = await ask_store(command.hub.bus, order)
    return answer.rows[0]
