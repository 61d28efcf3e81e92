"""Conversations: begin, choose, rename, delete."""

from apps.tables import Row
from bus.messages import LlmCancel, StoreOrder
from bus.store_client import ask_store
from web.commands.command import Command
from web.html.chat.conversations import delete_dialog, rename_dialog
from web.html.parts.dialogs import draw_dialog
from web.live.outbox import Frame
from web.live.streams import generation_of
from web.state.page_view import conversation_in

MOST_AT_ONCE = 900
"""Messages that one order deletes; the store's limit is 1,000 changes."""


async def new(command: Command) -> None:
    """Show an empty conversation; the first message creates it."""
    await command.set("conversation", 0)


async def choose(command: Command) -> None:
    """Show a conversation."""
    row = await get_conversation(command)
    await command.set("conversation", row["id"])


async def ask_rename(command: Command) -> None:
    """Ask for a new title."""
    row = await get_conversation(command)
    command.tab.push(Frame(draw_dialog(rename_dialog(row))))


async def ask_delete(command: Command) -> None:
    """Ask whether to delete a conversation, and show how many messages it has."""
    row = await get_conversation(command)
    messages = await command.hub.reader.count("message", {"conversation": row["id"]})
    command.tab.push(Frame(draw_dialog(delete_dialog(row, messages.total))))


async def delete(command: Command) -> None:
    """Delete a conversation and its messages; stop first what is being generated in it."""
    row = await get_conversation(command)
    where = {"conversation": row["id"]}
    await stop_generations(command, where)
    step, left = 0, await command.hub.reader.count("message", where)
    while left.total > MOST_AT_ONCE:
        few = await command.hub.reader.read("message", MOST_AT_ONCE, where)
        some = {"id": [message["id"] for message in few.rows]}
        await command.order(f"messages-{step}", verb="delete", table="message", where=some)
        step, left = step + 1, await command.hub.reader.count("message", where)
    orders: list[Row] = [{"verb": "delete", "table": "conversation", "id": row["id"]}]
    if left.total:
        orders.insert(0, {"verb": "delete", "table": "message", "where": where})
    if conversation_in(command.hub.shared.settings) == row["id"]:
        orders.append({"verb": "update", "table": "setting", "id": "conversation", "values": {"value": 0}})
    await command.order(verb="batch", table=orders[0]["table"], values={"orders": orders})


async def stop_generations(command: Command, where: Row) -> None:
    """Cancel what is being generated in messages, without waiting for the worker's answer. `where`: which messages."""
    writing = await command.hub.reader.read("message", MOST_AT_ONCE, {**where, "state": "streaming"})
    for message in writing.rows:
        command.hub.bus.say(LlmCancel(generation=generation_of(message)), message["conversation"])


async def get_conversation(command: Command) -> Row:
    """Return the conversation that a command is about."""
    order = StoreOrder(verb="get", table="conversation", id=command.number("conversation"))
    return (await ask_store(command.hub.bus, order)).rows[0]
