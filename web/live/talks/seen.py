"""Which conversations have an answer that no tab has shown: their field `seen`.

Only an answer that comes while no tab shows its conversation is stored, and that it was shown then. So a talk in view
costs nothing.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from apps.tables import Row
from bus.errors import PianolaError, Refused
from bus.messages import StoreChanged, StoreOrder
from bus.store_client import ask_store
from web.live.queries import Reader
from web.live.tab import Tabs

ANSWERS = ("chat", "step")
"""Purposes of messages that count: a remark or a summary is no answer."""

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


class Seen:
    """Marks conversations as unread, and as read."""

    def __init__(self, tabs: Tabs, reader: Reader, spawn: Spawn) -> None:
        """`spawn`: starts a task that the service watches."""
        self._tabs = tabs
        self._reader = reader
        self._spawn = spawn

    def heard(self, fact: StoreChanged) -> None:
        """Take a fact about a message: it may be the end of an answer."""
        row = fact.row
        if is_end_of_answer(fact) and row["conversation"] and not self._tabs.showing(row["conversation"]):
            last = row["id"] - 1
            order = change(row["conversation"], seen=last, was=0)
            self._spawn(self._order(order, f"unseen-{row['generation'] or row['id']}"), "mark an answer as unread")

    def shown(self, row: Row) -> None:
        """Mark a conversation as read, if it is not: a tab shows it."""
        if row["seen"]:
            order = change(row["id"], seen=0, was=row["seen"])
            self._spawn(self._order(order, f"seen-{row['id']}-{row['seen']}"), "mark a conversation as read")

    def entered(self, conversation: int) -> None:
        """Mark a conversation as read, whose row is not known: a page that shows it has connected."""
        if conversation > 0:
            self._spawn(self._enter(conversation), "look whether a conversation was read")

    async def _enter(self, conversation: int) -> None:
        try:
            read = await self._reader.read("conversation", 1, {"id": conversation})
        except PianolaError:  # the store is away: it stays unread until it is shown again
            return
        for row in read.rows:
            self.shown(row)

    async def _order(self, order: StoreOrder, name: str) -> None:
        try:
            await ask_store(self._reader.bus, order, id=name)
        except Refused:  # it is marked already, or was deleted meanwhile
            return


def is_end_of_answer(fact: StoreChanged) -> bool:
    """Return whether a fact says that an answer has ended."""
    row = fact.row
    ended = fact.verb == "update" and fact.before.get("state") == "streaming" and row.get("state") != "streaming"
    return ended and row["role"] == "assistant" and row["purpose"] in ANSWERS


def change(conversation: int, *, seen: int, was: int) -> StoreOrder:
    """Return the order that changes the mark, if it is what it was."""
    return StoreOrder(
        verb="update",
        table="conversation",
        id=conversation,
        values={"seen": seen},
        where={"seen": was},
        actor="system",
    )
