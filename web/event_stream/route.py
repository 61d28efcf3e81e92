"""The route `GET /events`: an answer that goes on until the reader, its session, its key or this process ends."""

import contextlib
from collections.abc import AsyncGenerator
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from web.event_stream.events import KINDS
from web.event_stream.position import Position
from web.event_stream.reader import Reader
from web.event_stream.readers import MOST_OF_ONE, MOST_READERS, Readers
from web.event_stream.stream import STREAM_HEADERS, Stream
from web.event_stream.wanted import Rights, Wanted, unknown_prefix
from web.sign_in.clients import Clients
from web.sign_in.pages import sentence_answer
from web.sign_in.sessions import Session, Sessions

FULL = (
    f"{MOST_READERS} programs or tabs read the events already, or {MOST_OF_ONE} with this key, and more are not "
    "allowed. End one of them."
)
UNKNOWN_QUERY = "/events has no parameter {names}. It has `prefix`, which may be given several times."
UNKNOWN_PREFIX = "No event has a topic that begins with {prefix!r:.60}. Kinds: {kinds}."
BAD_ID = "Last-Event-ID is {text!r:.60}, which is no id of an event of ours. Leave it out to begin now."


class EventRoute:
    """Answers `GET /events`."""

    def __init__(self, readers: Readers, sessions: Sessions, clients: Clients) -> None:
        """`sessions`, `clients`: one that is revoked ends its streams."""
        self._readers = readers
        self._sessions = sessions
        self._clients = clients

    async def answer(self, request: Request, rights: Rights) -> Response:
        """Send what happens as server-sent events; or say why not. The stream starts when the server calls it."""
        prefixes = tuple(request.query_params.getlist("prefix"))
        last = request.headers.get("last-event-id", "")
        if refused := self._refusal(request, prefixes, last, rights):
            status, sentence = refused
            return sentence_answer(status, sentence, request.headers.get("accept", ""))
        if request.method == "HEAD":
            return Response(headers=STREAM_HEADERS)
        wanted = Wanted(tuple(one for one in prefixes if one), rights)
        return Stream(self.chunks(wanted, Position.of(last) if last else None, request.scope.get("pianola.session")))

    def _refusal(
        self, request: Request, prefixes: tuple[str, ...], last: str, rights: Rights
    ) -> tuple[HTTPStatus, str] | None:
        if others := sorted(set(request.query_params) - {"prefix"}):  # one ignored today could mean something later
            return HTTPStatus.BAD_REQUEST, UNKNOWN_QUERY.format(names=f"{', '.join(others):.80}")
        if (unknown := unknown_prefix(prefixes)) is not None:
            kinds = ", ".join(kind.kind for kind in KINDS)
            return HTTPStatus.BAD_REQUEST, UNKNOWN_PREFIX.format(prefix=unknown, kinds=kinds)
        if last and Position.of(last) is None:
            return HTTPStatus.BAD_REQUEST, BAD_ID.format(text=last)
        if self._readers.is_full(rights.client.name if rights.client else ""):
            return HTTPStatus.SERVICE_UNAVAILABLE, FULL
        return None

    async def chunks(
        self, wanted: Wanted, last: Position | None = None, session: Session | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield events as bytes until the last one, or until the generator is closed."""
        async with self._readers.enter(wanted, last) as reader:
            with self._ended_with(session, wanted, reader):
                while chunk := await reader.next():
                    yield chunk

    def _ended_with(
        self, session: Session | None, wanted: Wanted, reader: Reader
    ) -> contextlib.AbstractContextManager[None]:
        """End the stream when its session or its key is revoked. A script with the token has neither."""
        if client := wanted.rights.client:
            return self._clients.connected(client, lambda: reader.end("key"))
        if session:
            return self._sessions.connected(session, lambda _code: reader.end("revoked"))
        return contextlib.nullcontext()
