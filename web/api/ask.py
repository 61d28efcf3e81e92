"""`POST /ask`: ask the assistant. The answer streams as server-sent events, or comes whole as JSON."""

import contextlib
from collections.abc import AsyncGenerator
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from apps.clients.access import Access
from apps.clients.question import Question
from apps.clients.turn import Told
from apps.core import MESSAGE
from apps.tables import BadValue
from bus.messages import Values
from web.api.answers import body_of
from web.api.problems import ApiProblem, api_problem, bad_request
from web.api.wants import wants_of
from web.event_stream.events import PING, as_json, event
from web.event_stream.stream import Stream
from web.live.hub import Hub

FIELDS = ("text", "conversation", "app", "model")
MOST_ASKING = 16
ENDS = ("done", "failed")
"""Names of the last event."""

BUSY = f"{MOST_ASKING} questions are being answered already. Ask again when one is done."


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
        question = Question(self._hub.bus, access.name, {**body, "wants": wants_of(body, access, self._hub)})
        told = self._counted(question)
        first = await anext(told)  # what is wrong is told by the status
        if "json" in request.headers.get("accept", ""):
            return Stream(whole(question, told), {"Content-Type": "application/json", "Connection": "close"})
        return Stream(events(first, told))

    async def _counted(self, question: Question) -> AsyncGenerator[Told, None]:
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
