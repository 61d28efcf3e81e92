"""`POST /ask`: ask the assistant. The answer streams as server-sent events, or comes whole as JSON."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from apps.core import MESSAGE
from apps.tables import BadValue
from bus.bus import Bus, new_id
from bus.errors import PianolaError
from bus.messages import LlmToken, StoreChanged, StoreOrder, Values
from bus.store_client import ask_store
from bus.wire import Envelope
from web.api.access import Access
from web.api.answers import body_of
from web.api.problems import ApiProblem, api_problem, bad_request
from web.api.turn import Told, Turn, rows_in_order
from web.api.wants import wants_of
from web.event_stream.events import PING, as_json, event
from web.event_stream.stream import Stream
from web.live.hub import Hub

FIELDS = ("text", "conversation", "app", "model")
TITLE_CHARACTERS = 60
BEGIN_SECONDS = 20.0
"""How long the agent may take to begin."""
LOOK_SECONDS = 5.0
"""Without news for so long, the rows are read again: a fact may have been lost."""
LONGEST_SECONDS = 3_600.0
"""After so long a request ends; the answer goes on, and is kept in the conversation."""
GREETING_SECONDS = 5.0
MOST_ASKING = 16
MOST_ROWS = 1_000
ENDS = ("done", "failed")
"""Names of the last event."""
NOTHING: Told = ("", {})
"""What is told when there are no news, so that it shows when the reader is gone."""

BUSY = f"{MOST_ASKING} questions are being answered already. Ask again when one is done."
SILENT = (
    "The assistant has not begun to answer yet; it may answer another question first. The question is kept, and the "
    "answer will stand in the conversation."
)


class AskDoor:
    """Answers `POST /ask`."""

    def __init__(self, hub: Hub) -> None:
        """`hub`: has the bus, and the apps."""
        self._hub = hub
        self._asking = 0

    async def ask(self, request: Request, access: Access) -> Response:
        """Ask the assistant, and answer with what it says and does."""
        access.check_ask()
        body = await body_of(request, FIELDS)
        self._check(body)
        question = Question(self._hub.bus, access, body, wants_of(body, access, self._hub))
        told = self._counted(question)
        first = await anext(told)  # what is wrong is told by the status
        if "json" in request.headers.get("accept", ""):
            return Stream(whole(question, told), {"Content-Type": "application/json", "Connection": "close"})
        return Stream(events(first, told))

    async def _counted(self, question: "Question") -> AsyncGenerator[Told, None]:
        if self._asking >= MOST_ASKING:
            raise ApiProblem(HTTPStatus.SERVICE_UNAVAILABLE, "too_many", BUSY)
        self._asking += 1
        try:
            async with contextlib.aclosing(question.follow()) as following:
                async for told in following:
                    yield told
        finally:
            self._asking -= 1

    def _check(self, body: Values) -> None:
        text, talk = body.get("text"), body.get("conversation", 0)
        if type(text) is not str or not text.strip():
            raise bad_request("`text` is empty or no text. Expected what to ask.", "text")
        try:
            MESSAGE.all_fields["text"].checked(text)
        except BadValue as problem:
            raise api_problem(problem) from None
        if type(talk) is not int or talk < 0:
            raise bad_request(
                f"`conversation` is {talk!r:.60}. Expected the id of one, or 0 for a new one.", "conversation"
            )


class Question:
    """A question to the assistant, and what comes of it."""

    def __init__(self, bus: Bus, access: Access, body: Values, wants: Mapping[str, str]) -> None:
        """`body`: that of the request, checked. `wants`: see `wants_of`."""
        self._bus, self._access, self._body, self._wants = bus, access, body, wants
        self.conversation: int = body.get("conversation", 0)
        self._news: asyncio.Queue[Envelope] = asyncio.Queue()

    async def follow(self) -> AsyncGenerator[Told, None]:
        """Ask, and yield what is to be told until everything is said and done."""
        if self.conversation:
            await self._order(verb="get", table="conversation", id=self.conversation)
        else:
            title = " ".join(self._body["text"].split())[:TITLE_CHARACTERS]
            self.conversation = await self._order(verb="insert", table="conversation", values={"title": title})
        self._bus.hear(StoreChanged, self._news.put_nowait, "message")
        self._bus.hear(LlmToken, self._news.put_nowait, self.conversation)
        try:
            await self._bus.greet(GREETING_SECONDS)  # the subscriptions are in effect now
            values: Values = {"conversation": self.conversation, "role": "user", "text": self._body["text"]}
            if self._wants:
                values["detail"] = {"wants": dict(self._wants)}
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
        found = await ask_store(self._bus, StoreOrder(**fields, client=self._access.name), id=new_id())
        return int(found.rows[0]["id"])


async def events(first: Told, following: AsyncGenerator[Told, None]) -> AsyncGenerator[bytes, None]:
    """Yield what is told as server-sent events."""
    async with contextlib.aclosing(following):
        yield event(*first)
        async for name, data in following:
            yield event(name, data) if name else PING


async def whole(question: Question, following: AsyncGenerator[Told, None]) -> AsyncGenerator[bytes, None]:
    """Yield what came of the question, as one JSON object; until then white space, which JSON allows."""
    async with contextlib.aclosing(following):
        async for name, data in following:
            if name in ENDS:
                yield f"{as_json({'conversation': question.conversation, **data})}\n".encode(errors="replace")
            elif not name:
                yield b" "
