"""A question of a program to the assistant: ask it, and follow what comes of it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from typing import Any

from apps.clients.turn import Told, Turn, rows_in_order
from bus.bus import Bus, new_id
from bus.errors import PianolaError
from bus.messages import LlmToken, StoreChanged, StoreOrder, Values
from bus.store_client import ask_store
from bus.wire import Envelope

TITLE_CHARACTERS = 60
BEGIN_SECONDS = 20.0
"""How long the agent may take to begin."""
LOOK_SECONDS = 5.0
"""Without news for so long, the rows are read again: a fact may have been lost."""
LONGEST_SECONDS = 3_600.0
"""After so long a request ends; the answer goes on, and is kept in the conversation."""
GREETING_SECONDS = 5.0
MOST_ROWS = 1_000
NOTHING: Told = ("", {})
"""What is told when there are no news, so that it shows when the reader is gone."""

SILENT = (
    "The assistant has not begun to answer yet; it may answer another question first. The question is kept, and the "
    "answer will stand in the conversation."
)


class Question:
    """A question to the assistant, and what comes of it."""

    def __init__(self, bus: Bus, client: str, asked: Values) -> None:
        """`client`: name of the program. `asked`: `text`, and perhaps `conversation`, and `wants` (`app` and `model` of
        this question alone), checked.
        """
        self._bus, self._client, self._asked = bus, client, asked
        self.conversation: int = asked.get("conversation", 0)
        self._news: asyncio.Queue[Envelope] = asyncio.Queue()

    async def follow(self) -> AsyncGenerator[Told, None]:
        """Ask, and yield what is to be told until everything is said and done."""
        if self.conversation:
            await self._order(verb="get", table="conversation", id=self.conversation)
        else:
            title = " ".join(self._asked["text"].split())[:TITLE_CHARACTERS]
            self.conversation = await self._order(verb="insert", table="conversation", values={"title": title})
        self._bus.hear(StoreChanged, self._news.put_nowait, "message")
        self._bus.hear(LlmToken, self._news.put_nowait, self.conversation)
        try:
            await self._bus.greet(GREETING_SECONDS)  # the subscriptions are in effect now
            values: Values = {"conversation": self.conversation, "role": "user", "text": self._asked["text"]}
            if wants := self._asked.get("wants"):
                values["detail"] = {"wants": wants}
            turn = Turn(await self._order(verb="insert", table="message", values=values))
            yield "asked", {"conversation": self.conversation, "message": turn.question}
            async for told in self._tell(turn):
                yield told
        finally:
            self._bus.stop_hearing(StoreChanged, self._news.put_nowait, "message")
            self._bus.stop_hearing(LlmToken, self._news.put_nowait, self.conversation)

    async def _tell(self, turn: Turn) -> AsyncGenerator[Told, None]:
        begun = time.monotonic()
        while not turn.ended:
            for told in await self._next(turn):
                yield told
            waited = time.monotonic() - begun
            if waited > LONGEST_SECONDS or (waited > BEGIN_SECONDS and not turn.begun):
                yield "failed", {**turn.result(), "problem": SILENT}
                return
        yield "done", turn.result()

    async def _next(self, turn: Turn) -> list[Told]:
        """Wait for news; without any, read the rows again."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                message = (await self._news.get()).message
        except TimeoutError:
            return await self._look_again(turn)
        return turn.take_token(message) if isinstance(message, LlmToken) else turn.take_fact(message)

    async def _look_again(self, turn: Turn) -> list[Told]:
        where = {"conversation": self.conversation, "id": {"from": turn.question}}
        order = StoreOrder(verb="list", table="message", where=where, sort="id", limit=MOST_ROWS)
        with contextlib.suppress(PianolaError):  # the store is away; the next look tells more
            rows = (await ask_store(self._bus, order)).rows
            return [NOTHING, *(told for row in rows_in_order(rows) for told in turn.take_row(row))]
        return [NOTHING]

    async def _order(self, **fields: Any) -> int:
        """Give an order for the client; return the id of its row."""
        found = await ask_store(self._bus, StoreOrder(**fields, client=self._client), id=new_id())
        return int(found.rows[0]["id"])
