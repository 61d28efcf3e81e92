"""The questions that wait while an answer comes: put one there, edit, move or remove it. The agent asks them."""

import asyncio

from apps.core import WAITING
from apps.tables import Row
from bus.errors import Refused
from web.commands.command import BadCommand, Command
from web.html.chat.waiting import NAME, WAYS, waiting_dialog, waiting_menu
from web.html.parts.dialogs import draw_dialog, draw_end
from web.html.parts.fragments import replace
from web.live.outbox import Frame
from web.state.page_view import MOST_WAITING

FULL = (
    f"{MOST_WAITING} questions wait for this answer already, and more cannot. Your text is still in the field: "
    "remove one of them, or wait until one has been asked."
)
GONE = "The question was asked or removed meanwhile. It waits no longer."
CHANGED = "The question was changed in another tab since you began. Copy your text, close this, and edit it again."
SPOKEN = {"role": ["user", "assistant"], "purpose": ["chat", "step"]}
"""Which messages are questions and answers."""


async def has_to_wait(command: Command, conversation: int) -> bool:
    """Return whether an answer is coming in a conversation, or another question waits there."""
    read = command.hub.reader.read
    of_it = {"conversation": conversation}
    writing, waiting, newest = await asyncio.gather(
        read("message", 1, of_it | SPOKEN | {"state": "streaming"}),
        read(WAITING.name, 1, of_it),
        read("message", 1, of_it | SPOKEN, "-id"),
    )
    return bool(writing.rows or waiting.rows or any(is_new_question(row) for row in newest.rows))


def is_new_question(row: Row) -> bool:
    """Return whether a message, the newest of its conversation, is a question whose answer has not begun yet."""
    return row["role"] == "user" and not (row["detail"] or {}).get("imported")


async def put(command: Command, conversation: int, text: str, detail: Row) -> None:
    """Let a question wait for the answer that is coming. `detail`: as its message will have it."""
    if (await command.hub.reader.count(WAITING.name, {"conversation": conversation})).total >= MOST_WAITING:
        raise BadCommand(FULL)
    values = {"conversation": conversation, "text": text} | ({"detail": detail} if detail else {})
    await command.order(verb="insert", table=WAITING.name, values=values)


async def ask_edit(command: Command) -> None:
    """Show the form that edits a question."""
    command.tab.push(Frame(draw_dialog(waiting_dialog(await waiting_row(command)))))


async def edit(command: Command) -> None:
    """Save the new text of a question, if it is still the one that the form showed."""
    text = command.text("text").replace("\r\n", "\n")
    if not text.strip():
        raise BadCommand("The question is empty. Write something, or close this and remove it.")
    row = await waiting_row(command)
    try:
        where = {"text": command.text("before").replace("\r\n", "\n")}
        await command.order(verb="update", table=WAITING.name, id=row["id"], values={"text": text}, where=where)
    except Refused as refused:
        raise BadCommand(CHANGED) if refused.code == "conflict" else refused from None
    command.tab.push(Frame(draw_end(NAME)))


async def remove(command: Command) -> None:
    """Remove a question: it is not asked."""
    row = await waiting_row(command)
    await command.order(verb="delete", table=WAITING.name, id=row["id"])


async def show_menu(command: Command) -> None:
    """Fill the menu of the page with where a question can go; the script opens it."""
    row, before, after = await neighbours(command)
    ways = [way for way, other in zip(WAYS, (before, after), strict=True) if other]
    command.tab.push(Frame(replace(waiting_menu(row, ways))))


async def move(command: Command) -> None:
    """Move a question one place up or down; at the end of the list there is nothing to do."""
    row, before, after = await neighbours(command)
    if command.text("way") not in WAYS:
        raise BadCommand(f"`way` is {command.text('way')!r:.60}. Expected one of: {', '.join(WAYS)}.")
    is_up = command.text("way") == "up"
    if before if is_up else after:
        place = before[1:2] if is_up else after[:1]
        values = {"after": place[0] if place else 0}
        await command.order(verb="sort", table=WAITING.name, id=row["id"], values=values)


async def neighbours(command: Command) -> tuple[Row, list[int], list[int]]:
    """Return the question, and the ids of those before it and after it, the nearest first."""
    row = await waiting_row(command)
    where = {"conversation": row["conversation"]}
    ids = [one["id"] for one in (await command.hub.reader.read(WAITING.name, MOST_WAITING, where, "position")).rows]
    place = ids.index(row["id"]) if row["id"] in ids else len(ids)
    return row, ids[:place][::-1], ids[place + 1 :]


async def waiting_row(command: Command) -> Row:
    """Return the question that a command is about."""
    found = await command.hub.reader.read(WAITING.name, 1, {"id": command.number("id")})
    if not found.rows:
        raise BadCommand(GONE)
    return found.rows[0]
