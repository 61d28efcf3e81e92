"""The route `GET /events`: an answer that goes on until the reader, its session or this process ends."""

import contextlib
from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from web.event_stream.readers import MOST_READERS, Reader, Readers
from web.event_stream.stream import STREAM_HEADERS, Stream
from web.sign_in.pages import sentence_answer
from web.sign_in.sessions import Session, Sessions

FULL = f"{MOST_READERS} programs or tabs read the events already, and more are not allowed. End one of them."
UNKNOWN_QUERY = "/events takes no query yet; it has {names}. Ask for /events alone, and choose among the events."


class Rights(Protocol):
    """What a request may hear."""

    def may_read(self, table: str) -> bool:
        """Return whether rows of a table may be read."""


class EventRoute:
    """Answers `GET /events`."""

    def __init__(self, readers: Readers, sessions: Sessions) -> None:
        """`sessions`: one that is revoked ends its streams."""
        self._readers = readers
        self._sessions = sessions

    async def answer(self, request: Request, rights: Rights) -> Response:
        """Send what happens as server-sent events; or say why not. The stream starts when the server calls it."""
        accept = request.headers.get("accept", "")
        if request.query_params:  # a query that were ignored today would mean something else later
            names = ", ".join(sorted(set(request.query_params)))
            return sentence_answer(HTTPStatus.BAD_REQUEST, UNKNOWN_QUERY.format(names=f"{names:.80}"), accept)
        if self._readers.full:
            return sentence_answer(HTTPStatus.SERVICE_UNAVAILABLE, FULL, accept)
        if request.method == "HEAD":
            return Response(headers=STREAM_HEADERS)
        return Stream(self.chunks(request.scope.get("pianola.session")))

    async def chunks(self, session: Session | None) -> AsyncGenerator[bytes, None]:
        """Yield events as bytes until the last one, or until the generator is closed."""
        async with self._readers.enter() as reader:
            with self._ended_with(session, reader):
                while chunk := await reader.next():
                    yield chunk

    def _ended_with(self, session: Session | None, reader: Reader) -> contextlib.AbstractContextManager[None]:
        """End the stream when its session is revoked. A script with the token has none."""
        if session is None:
            return contextlib.nullcontext()
        return self._sessions.connected(session, lambda _code: reader.end("revoked"))
