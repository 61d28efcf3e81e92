"""Begin a branch of a conversation: edit a message and send it again, ask for another answer, fork.

docs/decisions/branches.md says what a branch is. The message follows the branch in an order of its own; a command that
is sent again after a lost connection repeats both.
"""

from apps.core import CONVERSATION, MESSAGE
from apps.tables import Row
from apps.talk.chain import is_in
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands import conversations, undo
from web.commands.chat import get_message, use_app_of_tab
from web.commands.command import BadCommand, Command
from web.html.chat.conversations import conversation_title
from web.html.chat.edit_dialog import NAME as EDIT_DIALOG
from web.html.chat.edit_dialog import edit_dialog
from web.html.parts.dialogs import draw_dialog, draw_end
from web.live.branches.reading import applied_cards, chain_of, ids_of, trunk_of, versions_from
from web.live.outbox import Frame
from web.live.tab import ChatWindow
from web.state.branches.versions import left_by, versions_in
from web.why.standing import standing_of_cards

STILL_WRITTEN = "The answer is still being written. Stop it, or wait until it is there. Then {what}."
EDITED_TWICE = (
    "The message was edited in another tab, too, since you began. Both texts are kept: you see yours, and the arrows "
    "below it lead to the other one."
)
FORK = " (fork)"
KEPT_DETAILS = ("amends", "drafts")
"""What an edited message keeps of the old one: which proposal, or which step of a workflow, it is about."""


# --- edit and send again ---


async def ask_edit(command: Command) -> None:
    """Show the form that edits a message of the user."""
    row = await own_message(command)
    await refuse_if_open(command, row, "edit the message")
    command.tab.push(Frame(draw_dialog(edit_dialog(row, len(await others_of(command, row))))))


async def edit(command: Command) -> None:
    """Begin a version with a new text in place of a message of the user."""
    text = command.text("text").replace("\r\n", "\n")
    if not text.strip():
        raise BadCommand("The message is empty. Write something first.")
    MESSAGE.all_fields["text"].checked(text)
    row = await own_message(command)
    known = command.number("versions")
    await refuse_if_open(command, row, "edit the message")
    await use_app_of_tab(command)
    version = await begin_version(command, row)
    kept = {name: value for name, value in (row["detail"] or {}).items() if name in KEPT_DETAILS}
    detail = kept | {"reader": command.tab.reader.as_values}
    values = {"conversation": version, "role": "user", "text": text, "detail": detail}
    await command.order("message", verb="insert", table="message", values=values)
    command.tab.push(Frame(draw_end(EDIT_DIALOG)))
    await conversations.show(command, ChatWindow(version))
    if len([one for one in await others_of(command, row) if one < version]) > known:
        command.tab.push(Frame(f"?\n{EDITED_TWICE}"))


async def others_of(command: Command, row: Row) -> list[int]:
    """Return the ids of the other versions that begin in place of a message."""
    parent, before = await place_of(command, row)
    where = {"parent": parent, "before": before, "version": True}
    return [one["id"] for one in (await command.hub.reader.read("conversation", MAX_ANSWER_ROWS, where, "id")).rows]


async def own_message(command: Command) -> Row:
    """Return the message that a command is about, which the user wrote."""
    row = await get_message(command)
    if row["role"] != "user":
        raise BadCommand("Only a message of yours can be edited. Ask for another answer instead.")
    return row


# --- another answer ---


async def another(command: Command) -> None:
    """Begin a version with another answer to the same question."""
    await answer_anew(command, await get_message(command), {})


async def hand_over(command: Command) -> None:
    """Begin a version in which a general model answers; with `always` this and all further such questions."""
    row = await get_message(command)
    general = (row["detail"] or {}).get("beyond")
    if not general:
        raise BadCommand("There is no general model that could answer. Get one: in the menu of models.")
    await answer_anew(command, row, {"detail": {"by": general}})
    if command.values.get("always"):
        values = {"value": "always"}
        await command.order("always", verb="update", table="setting", id="hand_over", values=values)


async def answer_anew(command: Command, row: Row, more: Row) -> None:
    """Begin a version with another answer to the question of a message. `more`: values of the answer's row."""
    if row["role"] != "assistant" or not row["reply_to"] or row["purpose"] not in ("chat", "step"):
        raise BadCommand("Nobody asked for this message, so there is no other answer. Ask something.")
    await refuse_if_open(command, row, "ask for another one")
    where = {"conversation": row["conversation"], "role": "assistant", "reply_to": row["reply_to"]}
    first = (await command.hub.reader.read("message", 1, where, "id")).rows[0]
    await use_app_of_tab(command)
    version = await begin_version(command, first)
    values = {
        "conversation": version,
        "role": "assistant",
        "state": "streaming",
        "reply_to": row["reply_to"],
        "attempt": 1,
        **more,
    }
    await command.order("message", verb="insert", table="message", values=values)
    await conversations.show(command, ChatWindow(version))


async def begin_version(command: Command, at: Row) -> int:
    """Make a version that begins in place of a message; return its id."""
    parent, before = await place_of(command, at)
    values = {"parent": parent, "before": before, "version": True}
    rows = await command.order("version", verb="insert", table="conversation", values=values)
    return int(rows[0]["id"])


async def place_of(command: Command, at: Row) -> tuple[int, int]:
    """Return the `parent` and `before` of versions that begin in place of a message.

    In place of the first message of a version they stand beside that version, not inside it.
    """
    parent, before = at["conversation"], at["id"]
    owner = await conversation_of(command, parent)
    earlier = {"conversation": parent, "id": {"to": before - 1}}
    if owner["version"] and not (await command.hub.reader.count("message", earlier)).total:
        return owner["parent"], owner["before"]
    return parent, before


async def undo_versions(command: Command) -> None:
    """Undo what the assistant did in the versions of a message that are not in view, and that still stands."""
    reader, conversation = command.hub.reader, command.number("conversation")
    chain = await chain_of(reader.read, conversation)
    branches = await versions_from(reader.read, ids_of(chain))
    wanted = command.number("parent"), command.number("before")
    found = [one for one in versions_in(chain, branches) if (one[1].conversations[0], one[1].before) == wanted]
    cards = await applied_cards(reader.read, found, branches)
    done = await standing_of_cards(reader, (card for _, one in found for card in left_by(one, branches, cards)))
    if not done:
        raise BadCommand("Nothing that the assistant did in the other versions still stands.")
    await undo.undo_changes(command, done)


# --- fork ---


async def fork(command: Command) -> None:
    """Begin a conversation of its own with everything up to a message, and to the answer that follows it."""
    read, row = command.hub.reader.read, await get_message(command)
    chain = await chain_of(read, command.tab.chat.conversation)
    if not is_in(chain, row):
        raise BadCommand("This message is not in the conversation that you see. Go to it, and fork there.")
    parent, before = chain[-1].conversation, 0
    for segment in chain:
        where = segment.where | {"role": "user", "id": {"from": row["id"] + 1, **segment.where.get("id", {})}}
        if following := (await read("message", 1, where, "id")).rows:
            parent, before = segment.conversation, following[0]["id"]
            break
    if not before:
        newest = await read("message", 1, {"conversation": ids_of(chain)}, "-id")
        before = newest.rows[0]["id"] + 1
    streaming = await read("message", 100, {"conversation": ids_of(chain), "state": "streaming"})
    if any(is_in(chain, one) and one["id"] < before for one in streaming.rows):
        raise BadCommand(STILL_WRITTEN.format(what="fork"))
    trunk = await trunk_of(read, parent)
    title = conversation_title(trunk)[: CONVERSATION.all_fields["title"].limit - len(FORK)] + FORK if trunk else ""
    values = {"title": title, "titled": "user", "parent": parent, "before": before}
    rows = await command.order("fork", verb="insert", table="conversation", values=values)
    await conversations.show(command, ChatWindow(rows[0]["id"]))


# --- delete one ---


async def delete_message(command: Command) -> None:
    """Delete one message. What the assistant did stays done, and its cards stay."""
    row = await get_message(command)
    if row["role"] == "action":
        raise BadCommand("A card stays: it says what was done. Undo what it did, or erase it for good.")
    await refuse_if_open(command, row, "delete the message")
    await command.order(verb="delete", table="message", id=row["id"])


# --- what all need ---


async def refuse_if_open(command: Command, row: Row, what: str) -> None:
    """Raise `BadCommand` if a message, or the answer to it in its conversation, is being written."""
    question = row["id"] if row["role"] == "user" else row["reply_to"]
    where = {"conversation": row["conversation"], "state": "streaming"}
    about = {"reply_to": question} if question else {"id": row["id"]}
    if (await command.hub.reader.count("message", where | about)).total:
        raise BadCommand(STILL_WRITTEN.format(what=what))


async def conversation_of(command: Command, key: int) -> Row:
    """Return a conversation; raises `Refused` if it was deleted."""
    return (await ask_store(command.hub.bus, StoreOrder(verb="get", table="conversation", id=key))).rows[0]
