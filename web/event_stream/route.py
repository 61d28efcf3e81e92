"""The route `GET /events`: an answer that goes on until the reader, its session or this process ends."""

import asyncio
import contextlib
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from web.event_stream.readers import MOST_READERS, Reader, Readers
from web.server import CLOSE_GRACE_SECONDS, CUT
from web.sign_in.pages import sentence_answer
from web.sign_in.sessions import Session, Sessions

STALL_SECONDS = 10.0
"""A reader that takes nothing for so long is cut off."""
HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "Connection": "close"}
FULL = f"{MOST_READERS} programs or tabs read the events already, and more are not allowed. End one of them."
UNKNOWN_QUERY = "/events takes no query yet; it has {names}. Ask for /events alone, and choose among the events."


class EventRoute:
    """Answers `GET /events`."""

    def __init__(self, readers: Readers, sessions: Sessions) -> None:
        """`sessions`: one that is revoked ends its streams."""
        self._readers = readers
        self._sessions = sessions

    async def answer(self, request: Request) -> Response:
        """Send what happens as server-sent events; or say why not. The stream starts when the server calls it."""
        accept = request.headers.get("accept", "")
        if request.query_params:  # a query that were ignored today would mean something else later
            names = ", ".join(sorted(set(request.query_params)))
            return sentence_answer(HTTPStatus.BAD_REQUEST, UNKNOWN_QUERY.format(names=f"{names:.80}"), accept)
        if self._readers.full:
            return sentence_answer(HTTPStatus.SERVICE_UNAVAILABLE, FULL, accept)
        if request.method == "HEAD":
            return Response(headers=HEADERS)
        return EventStream(self._readers, self._sessions)


class EventStream(Response):
    """An answer without an end of its own."""

    def __init__(self, readers: Readers, sessions: Sessions) -> None:
        """`readers`: it becomes one of them."""
        super().__init__(headers=HEADERS)
        self._readers = readers
        self._sessions = sessions
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the reader is gone, takes nothing any more, or got its last event."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        gone = asyncio.create_task(self._wait_until_gone(receive))
        sending = asyncio.create_task(self._send_events(scope.get("pianola.session"), send))
        try:
            await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (gone, sending):
                task.cancel()
            await asyncio.gather(gone, sending, return_exceptions=True)
            asyncio.get_running_loop().call_later(CLOSE_GRACE_SECONDS, scope["extensions"][CUT])
        if not sending.cancelled():
            sending.result()

    async def _send_events(self, session: Session | None, send: Send) -> None:
        async with self._readers.enter() as reader:
            with self._ended_with(session, reader), contextlib.suppress(TimeoutError):
                while chunk := await reader.next():
                    async with asyncio.timeout(STALL_SECONDS):
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
                async with asyncio.timeout(STALL_SECONDS):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _ended_with(self, session: Session | None, reader: Reader) -> contextlib.AbstractContextManager[None]:
        """End the stream when its session is revoked. A script with the token has none."""
        if session is None:
            return contextlib.nullcontext()
        return self._sessions.connected(session, lambda _code: reader.end("revoked"))

    @staticmethod
    async def _wait_until_gone(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
