"""`POST /mcp`: the Model Context Protocol. The process `mcp` answers it; here its messages are only passed on.

So the gate checks these requests as all others, and the web process does not load the protocol.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from apps.clients.access import Access
from bus.clients.keys import ClientKey
from bus.mcp.package import KEY_HEADER, NotInstalled, installed, socket_file
from bus.settings import Settings
from web.api.answers import read_body
from web.api.problems import ApiProblem
from web.event_stream.stream import Stream
from web.sign_in.clients import Clients

if TYPE_CHECKING:
    import httpx

PASSED_ON = ("accept", "content-type")
"""Headers that are passed on, beside those of the protocol."""
OWN_HEADERS = "mcp-"
"""What the names of the protocol's own headers begin with."""
EVENTS = "text/event-stream"
CONNECT_SECONDS = 5.0
MOST_AT_ONCE = 32
"""Requests that are answered at the same time."""

AWAY = "The process for programs with an assistant (mcp) does not answer; `pianola status` shows why. Try again."
BUSY = f"{MOST_AT_ONCE} requests of this kind are being answered already. Try again when one is done."


class McpDoor:
    """Answers `POST /mcp`."""

    def __init__(self, settings: Settings, clients: Clients) -> None:
        """`clients`: a key that is revoked ends its answers."""
        self._socket = str(socket_file(settings))
        self._clients = clients
        self._answering = 0

    async def forward(self, request: Request, access: Access) -> Response:
        """Pass a message of a program with an assistant to the process `mcp`, and its answer back."""
        if not installed():
            raise ApiProblem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", str(NotInstalled()))
        if self._answering >= MOST_AT_ONCE:
            raise ApiProblem(HTTPStatus.SERVICE_UNAVAILABLE, "too_many", BUSY)
        body = await read_body(request)
        ends = contextlib.AsyncExitStack()
        self._answering += 1
        ends.callback(self._ended)
        try:
            response = await self._asked(ends, body, headers_of(request, access.client))
            if response.headers.get("content-type", "").startswith(EVENTS):
                kept = ends.pop_all()
                return Stream(self._chunks(kept, response, access.client))
            return Response(
                await response.aread(), response.status_code, media_type=response.headers.get("content-type")
            )
        finally:
            await ends.aclose()

    def _ended(self) -> None:
        self._answering -= 1

    async def _asked(self, ends: contextlib.AsyncExitStack, body: bytes, headers: dict[str, str]) -> "httpx.Response":
        """Return the answer of the process, of which only the head has come. `ends`: what closes it."""
        import httpx  # noqa: PLC0415 (only who uses this door loads it)

        transport = httpx.AsyncHTTPTransport(uds=self._socket)
        timeout = httpx.Timeout(CONNECT_SECONDS, read=None)
        client = httpx.AsyncClient(transport=transport, timeout=timeout, base_url="http://mcp")
        await ends.enter_async_context(client)
        try:
            return await ends.enter_async_context(client.stream("POST", "/mcp", content=body, headers=headers))
        except httpx.TransportError:
            raise ApiProblem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", AWAY) from None

    async def _chunks(
        self, ends: contextlib.AsyncExitStack, response: "httpx.Response", key: ClientKey | None
    ) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of an answer until it ends, or its key is revoked."""
        async with ends:
            revoked = asyncio.Event()
            if key:
                ends.enter_context(self._clients.connected(key, revoked.set))
            waits = asyncio.create_task(revoked.wait())
            ends.callback(waits.cancel)
            chunks = aiter(response.aiter_raw())
            while True:
                following = asyncio.ensure_future(_next(chunks))
                await asyncio.wait({following, waits}, return_when=asyncio.FIRST_COMPLETED)
                if not following.done():
                    following.cancel()
                    return
                if not (chunk := following.result()):
                    return
                yield chunk


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    """Return the next bytes; b"" at the end, and when the process has ended."""
    import httpx  # noqa: PLC0415 (it is loaded by now)

    try:
        return await anext(chunks, b"")
    except httpx.TransportError:
        return b""


def headers_of(request: Request, key: ClientKey | None) -> dict[str, str]:
    """Return the headers of a request that are passed on, and whose key it has."""
    names = [name for name in request.headers if name in PASSED_ON or name.startswith(OWN_HEADERS)]
    return {name: request.headers[name] for name in names} | {KEY_HEADER: key.digest if key else ""}
