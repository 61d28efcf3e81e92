"""A user of a running system, seen from the bus: what they say, and which rows follow."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bus.bus import new_id
from bus.messages import LlmGenerate, LlmListed, LlmToken, ServiceAsked, StoreChanged, StoreOrder
from bus.wire import Envelope
from tests.support.ollama_double import OllamaDouble
from tests.support.system import Guest, System

Row = dict[str, Any]


class User:
    """A user of a running system, seen from the bus."""

    def __init__(self, guest: Guest, conversation: int) -> None:
        self.guest = guest
        self.conversation = conversation

    async def order(self, verb: Any, table: str, **fields: Any) -> list[Row]:
        order = StoreOrder(verb=verb, table=table, **fields)
        heard = await self.guest.bus.ask(order, table, id=new_id())
        assert heard.message.ok, heard.message.error
        return list(heard.message.rows)

    async def insert(self, table: str, **values: Any) -> Row:
        return (await self.order("insert", table, values=values))[0]

    async def update(self, table: str, key: int | str, **values: Any) -> Row:
        return (await self.order("update", table, id=key, values=values))[0]

    async def set(self, key: str, value: Any) -> None:
        await self.order("update", "setting", id=key, values={"value": value})

    async def say(self, text: str, conversation: int = 0) -> Row:
        return await self.insert("message", conversation=conversation or self.conversation, role="user", text=text)

    async def row(self, **wanted: Any) -> Row:
        """Wait for a row of the table message with these values."""
        heard = await self.guest.until(lambda heard: self._is_row(heard, wanted))
        row: Row = heard.message.row
        return row

    @staticmethod
    def _is_row(heard: Envelope, wanted: Row) -> bool:
        fact = heard.message
        return (
            isinstance(fact, StoreChanged)
            and fact.table == "message"
            and all(fact.row.get(name) == value for name, value in wanted.items())
        )

    async def answer(self, question: Row, state: str = "done", **wanted: Any) -> Row:
        return await self.row(role="assistant", reply_to=question["id"], state=state, **wanted)

    async def token(self, index: int, generation: str = "") -> Envelope:
        return await self.guest.until(
            lambda heard: (
                isinstance(heard.message, LlmToken)
                and heard.message.index == index
                and generation in ("", heard.message.generation)
            )
        )

    def orders_to_generate(self) -> list[LlmGenerate]:
        """Return all that were heard, each once, in order."""
        found = {order.generation: order for order in self.guest.all(LlmGenerate)}
        return list(found.values())

    def remarks(self) -> list[LlmGenerate]:
        return [order for order in self.orders_to_generate() if order.purpose == "comment"]


@contextmanager
def running(double: OllamaDouble, **environment: str) -> Iterator[System]:
    with System({"OLLAMA_HOST": double.url, **environment}) as system:
        system.start("broker", "store", "llm_worker", "agent")
        yield system


def visit(system: System, play: Any) -> None:
    """Run a coroutine function with a user, once the models are listed.

    The list is empty, the mode quiet, the conversation new.
    """

    async def stay(guest: Guest) -> None:
        guest.bus.say(ServiceAsked())
        await guest.until(lambda heard: isinstance(heard.message, LlmListed) and heard.message.player == "ollama")
        user = User(guest, 0)
        await user.set("mode", "quiet")
        for todo in await user.order("list", "todo"):
            await user.order("delete", "todo", id=todo["id"])
        user.conversation = (await user.insert("conversation", title="Talk"))["id"]
        await user.set("conversation", user.conversation)
        await play(user)
        await user.set("mode", "quiet")

    system.visit(stay)
