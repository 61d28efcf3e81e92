"""uvicorn inside an event loop, and under signals, that are the service's."""

import asyncio
import contextlib
import logging
from asyncio.transports import BaseTransport
from collections.abc import Generator
from typing import cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

REQUEST_SECONDS = 10.0
"""A connection that has not sent a whole request by then is closed: it holds a descriptor for nothing."""
FAREWELL_SECONDS = 1.0
LARGEST_FRAME_BYTES = 3 * 1024 * 1024
"""What a browser may send at once: the longest message, even with every character escaped; a longer one closes."""
LARGEST_HEADER_BYTES = 32 * 1024
MOST_CONNECTIONS = 300
ABORT = "pianola.abort"
"""Key in the WebSocket's ASGI extensions of a function that closes it even when the browser does not read."""
PUSH = "pianola.push"
"""Key of a function that sends a text at once, and returns whether the connection took it."""


class ImpatientHttp(H11Protocol):
    """Does not wait for ever for a first request."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Start to count."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self.loop.call_later(REQUEST_SECONDS, self._lose_patience)

    def _lose_patience(self) -> None:
        upgraded = self.transport.get_protocol() is not self
        if not upgraded and self.cycle is None:
            self.transport.close()


class DirectWebSocket(WebSocketsSansIOProtocol):
    """Can be written to without a task, and closed although its peer does not read.

    Everything that uvicorn itself offers is a coroutine that waits for the peer first.
    """

    def handle_connect(self, event: object) -> None:
        """Hand `abort` and `push` to the app, in the connection's extensions."""
        super().handle_connect(event)  # type: ignore[arg-type]
        if not self.close_sent:
            extensions = cast(dict[str, object], self.scope["extensions"])
            extensions |= {ABORT: self.abort, PUSH: self.push}

    def push(self, text: str) -> bool:
        """Send a text frame now, unless the peer reads too slowly or is gone; return whether it was sent."""
        if self.disconnected or self.close_sent or not self.handshake_complete or not self.writable.is_set():
            return False
        self.conn.send_text(text.encode())
        self.transport.write(b"".join(self.conn.data_to_send()))
        return True

    def abort(self, code: int) -> None:
        """Send the close frame if it still fits, then cut the connection."""
        if not self.close_sent and self.handshake_complete:
            self.conn.send_close(code)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        self.stop_keepalive()
        self.loop.call_later(FAREWELL_SECONDS, self.transport.abort)


class Server(uvicorn.Server):
    """Serves until told; leaves signals to the service."""

    def __init__(self, app: ASGIApp) -> None:
        """No access log (addresses carry the token), no trust in proxies, no compression of tokens."""
        super().__init__(
            uvicorn.Config(
                app,
                http=ImpatientHttp,
                ws=DirectWebSocket,
                ws_max_size=LARGEST_FRAME_BYTES,
                ws_per_message_deflate=False,
                h11_max_incomplete_event_size=LARGEST_HEADER_BYTES,
                limit_concurrency=MOST_CONNECTIONS,
                timeout_graceful_shutdown=2,
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level=logging.CRITICAL,  # what breaks in a handler is logged by the app
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
            )
        )
        self._told = asyncio.Event()

    def stop(self) -> None:
        """Close all connections (WebSockets with 1012: the browser comes back) and end `serve`."""
        self._told.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield

    async def main_loop(self) -> None:
        """Wait to be told, rather than look ten times a second."""
        await self._told.wait()
