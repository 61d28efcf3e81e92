"""A server at an address: spoken to over HTTP by the SDK, with a limit for each answer."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from mcp.client.streamable_http import streamable_http_client

from services.mcp.connect.limits import CALL_SECONDS, LARGEST_BODY_BYTES, LARGEST_MESSAGE_BYTES
from services.mcp.connect.program import Broken, Streams

CONNECT_SECONDS = 10.0


class Limited(httpx2.AsyncByteStream):
    """The bytes of an answer, up to a limit."""

    def __init__(self, stream: Any) -> None:
        """`stream`: the bytes as they come."""
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield them. Raises `httpx2.ReadError` when there are too many."""
        room = LARGEST_BODY_BYTES
        async for chunk in self._stream:
            room -= len(chunk)
            if room < 0:
                raise httpx2.ReadError(f"The answer has more than {LARGEST_BODY_BYTES // 2**20} MB.")
            yield chunk

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()


class LimitedTransport(httpx2.AsyncHTTPTransport):
    """HTTP, with a limit for each answer."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request."""
        response = await super().handle_async_request(request)
        response.stream = Limited(response.stream)
        return response


@contextlib.asynccontextmanager
async def streams_to(url: str) -> AsyncIterator[Streams]:
    """Yield the streams of messages from a server and to it."""
    timeout = httpx2.Timeout(CONNECT_SECONDS, read=CALL_SECONDS)
    transport = LimitedTransport()
    try:
        async with (
            httpx2.AsyncClient(transport=transport, timeout=timeout, trust_env=False) as client,
            streamable_http_client(url, http_client=client, max_sse_event_size=LARGEST_MESSAGE_BYTES) as streams,
        ):
            yield streams
    except httpx2.HTTPError as error:
        raise Broken(f"{url!r:.100} does not answer: {error or type(error).__name__}.") from None
