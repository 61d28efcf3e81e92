"""Conversations: begin, choose, rename, delete."""

from collections.abc import Collection

from apps.core import WAITING
from apps.tables import Row
from bus.errors import Refused
from bus.messages import LlmCancel, StoreOrder
from bus.store_client import ask_store
from web.commands.branches.deletion import keep_for_forks, plan_of
from web.commands.command import BadCommand, Command
from web.html.chat.conversations import delete_dialog, rename_dialog
from web.html.parts.dialogs import draw_dialog
from web.live.outbox import Frame
from web.live.streams import generation_of
from web.live.tab import ChatWindow
from web.state.page_view import conversation_in
from web.state.talks.lists import TALKS_SHOWN

MOST_AT_ONCE = 900
"""Messages that one order deletes; the store's limit is 1,000 changes."""
MOST_DIGITS = 18


ASK_CONVERSATION = "ask_conversation"
"""The setting that names the conversation into which `pianola ask` writes."""


async def new(command: Command) -> None:
    """Show an empty conversation; the first message creates it."""
    await show(command, ChatWindow())


async def choose(command: Command) -> None:
    """Show a conversation."""
    row = await get_conversation(command)
    await show(command, ChatWindow(row["id"]))


async def show(command: Command, chat: ChatWindow) -> None:
    """Show a conversation, in this tab only; it is then the one that was opened last."""
    if conversation_in(command.hub.shared.settings) != chat.conversation:
        await command.set("conversation", chat.conversation)
    command.tab.show_chat(chat)


async def ask_rename(command: Command) -> None:
    """Ask for a new title."""
    row = await get_conversation(command)
    command.tab.push(Frame(draw_dialog(rename_dialog(row))))


async def ask_delete(command: Command) -> None:
    """Ask whether to delete conversations, and show how many messages they have."""
    rows = await get_conversations(command)
    plan = await plan_of(command, [row["id"] for row in rows])
    messages = await command.hub.reader.count("message", {"conversation": list(plan.conversations)})
    lost, versions = messages.total - len(plan.moved), len(plan.conversations) - len(rows)
    command.tab.push(Frame(draw_dialog(delete_dialog(rows, lost, versions=versions, forks=len(plan.parents)))))


async def delete(command: Command) -> None:
    """Delete conversations with their versions and messages; stop first what is being generated in them.

    Forks of them keep what they show. It is one change, which can be undone, unless there are more messages than one
    order may change.
    """
    plan = await plan_of(command, [row["id"] for row in await get_conversations(command)])
    where = {"conversation": list(plan.conversations)}
    await stop_generations(command, where)
    kept = await keep_for_forks(command, plan)
    step, left = 0, await command.hub.reader.count("message", where)
    while left.total - len(plan.moved) > MOST_AT_ONCE:
        few = await command.hub.reader.read("message", MOST_AT_ONCE + len(plan.moved), where)
        some = {"id": [message["id"] for message in few.rows if message["id"] not in plan.moved]}
        await command.order(f"messages-{step}", verb="delete", table="message", where=some)
        step, left = step + 1, await command.hub.reader.count("message", where)
    orders: list[Row] = [*kept, {"verb": "delete", "table": "conversation", "where": {"id": list(plan.conversations)}}]
    if left.total:
        orders.insert(len(kept), {"verb": "delete", "table": "message", "where": where})
    if (await command.hub.reader.count(WAITING.name, where)).total:
        orders.insert(len(kept), {"verb": "delete", "table": WAITING.name, "where": where})
    orders += leaving(command, plan.conversations)
    await command.order(verb="batch", table=orders[0]["table"], values={"orders": orders})


def leaving(command: Command, conversations: Collection[int]) -> list[Row]:
    """Return the orders after which no setting names one of these conversations."""
    settings = command.hub.shared.settings
    named = [key for key in ("conversation", ASK_CONVERSATION) if settings.get(key) in conversations]
    return [{"verb": "update", "table": "setting", "id": key, "values": {"value": 0}} for key in named]


async def ask_here(command: Command) -> None:
    """Let `pianola ask` write into a conversation; if it does so already, into the one that was opened last."""
    row = await get_conversation(command)
    chosen = command.hub.shared.settings.get(ASK_CONVERSATION) == row["id"]
    await command.set(ASK_CONVERSATION, 0 if chosen else row["id"])


async def stop_generations(command: Command, where: Row) -> None:
    """Cancel what is being generated in messages, without waiting for the worker's answer. `where`: which messages."""
    writing = await command.hub.reader.read("message", MOST_AT_ONCE, {**where, "state": "streaming"})
    for message in writing.rows:
        command.hub.bus.say(LlmCancel(generation=generation_of(message)), message["conversation"])


async def get_conversations(command: Command) -> list[Row]:
    """Return the conversations that a command is about: one or several ids, with commas."""
    keys = command.text("conversation").split(",")
    if not all(key.isascii() and key.isdecimal() and len(key) < MOST_DIGITS for key in keys) or len(keys) > TALKS_SHOWN:
        raise BadCommand(f"Expected one to {TALKS_SHOWN} conversations by their ids, with commas.")
    numbers = [int(key) for key in keys]
    read = await command.hub.reader.read("conversation", len(numbers), {"id": numbers})
    if missing := set(numbers) - {row["id"] for row in read.rows}:
        raise Refused("not_found", f"There is no conversation with id {min(missing)} (any more).")
    return list(read.rows)


async def get_conversation(command: Command) -> Row:
    """Return the conversation that a command is about."""
    order = StoreOrder(verb="get", table="conversation", id=command.number("conversation"))
    return (await ask_store(command.hub.bus, order)).rows[0]
