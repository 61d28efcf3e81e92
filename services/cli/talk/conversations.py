"""The conversation into which a command writes."""

from functools import partial
from typing import Any

from bus.bus import Bus, new_id
from bus.errors import PianolaError
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreOrder
from bus.store_client import ask_store, conversation_to_ask_in
from bus.text.normal import normal

NEW = "new"
TITLE_CHARACTERS = 60


class NoSuchConversation(PianolaError):
    """No conversation, or more than one, is called so."""

    def __init__(self, wanted: str, found: list[Any]) -> None:
        said = f"several conversations are called {wanted!r:.60}: {', '.join(map(str, found))}. Write the id of one."
        none = f"there is no conversation {wanted!r:.60}. `pianola rows conversation` lists them; `{NEW}` begins one."
        super().__init__(said if found else none)


async def conversation_called(bus: Bus, wanted: str, text: str = "") -> int:
    """Return the conversation of this id or title; `new`: a new one; "": the current one. `text`: its next question."""
    if not wanted:
        return await conversation_to_ask_in(partial(ask_store, bus), new_id())
    if wanted == NEW:
        return await new_conversation(bus, text)
    if wanted.isascii() and wanted.isdigit() and await is_there(bus, int(wanted)):
        return int(wanted)
    order = StoreOrder(verb="list", table="conversation", sort="-id", limit=MAX_ANSWER_ROWS)
    rows = (await ask_store(bus, order)).rows
    found = [row["id"] for row in rows if normal(row["title"]) == normal(wanted)]
    if len(found) != 1:
        raise NoSuchConversation(wanted, found)
    return int(found[0])


async def new_conversation(bus: Bus, text: str = "") -> int:
    """Begin a conversation. The first words of its first question are its title, as in the page."""
    values = {"title": " ".join(text.split())[:TITLE_CHARACTERS]}
    made = await ask_store(bus, StoreOrder(verb="insert", table="conversation", values=values), id=new_id())
    conversation: int = made.rows[0]["id"]
    return conversation


async def is_there(bus: Bus, conversation: int) -> bool:
    """Return whether there is this conversation."""
    order = StoreOrder(verb="list", table="conversation", where={"id": conversation}, limit=1)
    return bool((await ask_store(bus, order)).rows)
