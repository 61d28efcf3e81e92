"""What the user does with conversations: begin, choose, rename, delete."""

from apps.tables import Row
from bus.messages import LlmCancel, StoreOrder
from web.commands.command import Command
from web.html.chat.conversations import delete_dialog, rename_dialog
from web.html.parts.dialogs import draw_dialog
from web.live.outbox import Frame
from web.live.streams import generation_of
from web.state.page_view import conversation_in
from web.store_client import ask_store

MOST_AT_ONCE = 900
"""Messages that are deleted in one order; the store takes 1,000 changes."""


async def new(command: Command) -> None:
    """Show an empty conversation; it is made when something is said in it."""
    await command.set("conversation", 0)


async def choose(command: Command) -> None:
    """Bring a conversation into view."""
    row = await conversation_of(command)
    await command.set("conversation", row["id"])


async def ask_rename(command: Command) -> None:
    """Ask for a conversation's new name."""
    row = await conversation_of(command)
    command.tab.push(Frame(draw_dialog(rename_dialog(row))))


async def ask_delete(command: Command) -> None:
    """Ask whether to delete a conversation, and say with what."""
    row = await conversation_of(command)
    messages = await command.hub.reader.count("message", {"conversation": row["id"]})
    command.tab.push(Frame(draw_dialog(delete_dialog(row, messages.total))))


async def delete_conversation(command: Command) -> None:
    """Delete a conversation and its messages; what is being written in it is stopped first."""
    row = await conversation_of(command)
    mine = {"conversation": row["id"]}
    await stop_writing(command, mine)
    step, left = 0, await command.hub.reader.count("message", mine)
    while left.total > MOST_AT_ONCE:
        few = await command.hub.reader.read("message", MOST_AT_ONCE, mine)
        where = {"id": [message["id"] for message in few.rows]}
        await command.order(f"messages-{step}", verb="delete", table="message", where=where)
        step, left = step + 1, await command.hub.reader.count("message", mine)
    orders: list[Row] = [{"verb": "delete", "table": "conversation", "id": row["id"]}]
    if left.total:
        orders.insert(0, {"verb": "delete", "table": "message", "where": mine})
    if conversation_in(command.hub.shared.settings) == row["id"]:
        orders.append({"verb": "update", "table": "setting", "id": "conversation", "values": {"value": 0}})
    await command.order(verb="batch", table=orders[0]["table"], values={"orders": orders})


async def stop_writing(command: Command, mine: Row) -> None:
    """Have the worker end what it writes in a conversation; it need not answer before the conversation is deleted."""
    writing = await command.hub.reader.read("message", MOST_AT_ONCE, {**mine, "state": "streaming"})
    for message in writing.rows:
        command.hub.bus.say(LlmCancel(generation=generation_of(message)), message["conversation"])


async def conversation_of(command: Command) -> Row:
    """Return the conversation that a command is about."""
    order = StoreOrder(verb="get", table="conversation", id=command.number("conversation"))
    return (await ask_store(command.hub.bus, order)).rows[0]
