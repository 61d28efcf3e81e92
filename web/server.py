"""The HTTP server: uvicorn in the service's event loop, without signal handlers of its own."""

import asyncio
import contextlib
import logging
from asyncio.transports import BaseTransport
from collections.abc import Callable, Generator
from functools import partial
from typing import cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

REQUEST_SECONDS = 10.0
"""A connection that has begun no whole request by then, its first or its next, is closed: it would only hold a file
descriptor."""
PROTOCOL_ERROR = 1002
DRAIN_SECONDS = 5.0
"""How long a browser may take to send the rest of a message that was too long."""
CLOSE_GRACE_SECONDS = 1.0
"""Between a close frame and the cut of the connection."""
LARGEST_FRAME_BYTES = 3 * 1024 * 1024
"""Longest frame of a browser: room for the longest message, with every character escaped. A longer frame closes the
WebSocket."""
LARGEST_HEADER_BYTES = 32 * 1024
MOST_CONNECTIONS = 540
"""Of all kinds: 240 streams of events, those that wait, and the WebSockets of the page."""
MOST_WAITING = 200
"""Connections for HTTP that answer no request. When there are more, one is closed: see `TimedHttp.close_one`."""
ABORT = "pianola.abort"
"""Key in the WebSocket's ASGI extensions of a function that closes it even when the browser does not read."""
CUT = "pianola.cut"
"""Key in the ASGI extensions of an HTTP request of a function that ends its connection, also with bytes unsent."""
PUSH = "pianola.push"
"""Key of a function that sends a text at once, and returns whether the connection took it."""


class TimedHttp(H11Protocol):
    """Closes connections that hold a place without using it."""

    since = 0.0
    """Since when it waits for a whole request, in the loop's time."""
    signed_in = False
    """A request over it had a session, or the token."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Start to wait for the first request; make room for it."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self.app = partial(_with_cut, self.app, self.transport.abort)
        self._wait_for_request()
        self.close_one()

    def on_response_complete(self) -> None:
        """Start to wait for the next request."""
        self.signed_in = self.signed_in or self._is_known()
        self._wait_for_request()
        super().on_response_complete()

    def close_one(self) -> None:
        """If there are too many connections, close one: without a session before with one, the longest wait first."""
        others = [one for one in self.connections if isinstance(one, TimedHttp) and not one.transport.is_closing()]
        waiting = [one for one in others if one is not self and one.waits()]
        if len(waiting) >= MOST_WAITING:
            min(waiting, key=lambda one: (one.signed_in, one.since)).transport.close()

    def waits(self) -> bool:
        """Whether no request is being answered, or only one of a stranger who has not sent all of it."""
        if self.cycle is None or self.cycle.response_complete:
            return True
        return self.cycle.more_body and not self._is_known()

    def _is_known(self) -> bool:
        return bool(cast(dict[str, object], self.scope or {}).get("pianola.known"))

    def _wait_for_request(self) -> None:
        self.since = self.loop.time()
        self.loop.call_later(REQUEST_SECONDS, self._close_if_silent, self.since)

    def _close_if_silent(self, since: float) -> None:
        upgraded = self.transport.get_protocol() is not self
        if not upgraded and self.since == since and self.waits():
            self.transport.close()


async def _with_cut(app: ASGIApp, cut: Callable[[], None], scope: Scope, receive: Receive, send: Send) -> None:
    """Call the app, with a way to end the connection of a client that does not read."""
    scope.setdefault("extensions", {})[CUT] = cut
    await app(scope, receive, send)


class DirectWebSocket(WebSocketsSansIOProtocol):
    """Can be written to without a task, and closed although the browser does not read.

    uvicorn itself offers only coroutines, which wait for the browser first.
    """

    _refused = False

    def handle_connect(self, event: object) -> None:
        """Pass `abort` and `push` to the app, in the connection's extensions."""
        super().handle_connect(event)  # type: ignore[arg-type]
        if not self.close_sent:
            extensions = cast(dict[str, object], self.scope["extensions"])
            extensions |= {ABORT: self.abort, PUSH: self.push}

    def data_received(self, data: bytes) -> None:
        """Handle what the browser sends; after a close frame because of a bad or too long message, throw it away."""
        if not self._refused:
            super().data_received(data)

    def handle_parser_exception(self) -> None:
        """Close because of a bad or too long message, but go on reading for a moment.

        A connection that is closed with bytes unread is reset, and the browser would never see the code.
        """
        self._refused = True
        self.stop_keepalive()
        close = self.conn.close_sent
        code, reason = (close.code, close.reason) if close else (PROTOCOL_ERROR, "")
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.resume_reading()
        self.close_timer = self.loop.call_later(DRAIN_SECONDS, self.transport.close)

    def push(self, text: str) -> bool:
        """Send a text frame now, unless the browser reads too slowly or is gone; return whether it was sent."""
        if self.disconnected or self.close_sent or not self.handshake_complete or not self.writable.is_set():
            return False
        self.conn.send_text(text.encode())
        self.transport.write(b"".join(self.conn.data_to_send()))
        return True

    def abort(self, code: int) -> None:
        """Send the close frame if it can still be sent, then cut the connection."""
        if not self.close_sent and self.handshake_complete:
            self.conn.send_close(code)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        self.stop_keepalive()
        self.loop.call_later(CLOSE_GRACE_SECONDS, self.transport.abort)


class Server(uvicorn.Server):
    """Serves until `stop`; leaves signals to the service."""

    def __init__(self, app: ASGIApp) -> None:
        """No access log (addresses contain the token), no trust in proxies, no compression (it would delay tokens)."""
        super().__init__(
            uvicorn.Config(
                app,
                http=TimedHttp,
                ws=DirectWebSocket,
                ws_max_size=LARGEST_FRAME_BYTES,
                ws_per_message_deflate=False,
                h11_max_incomplete_event_size=LARGEST_HEADER_BYTES,
                limit_concurrency=MOST_CONNECTIONS,
                timeout_graceful_shutdown=2,
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level=logging.CRITICAL,  # the app itself logs errors of handlers
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
            )
        )
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Close all connections (WebSockets with 1012: the browser reconnects) and end `serve`."""
        self._stopping.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture no signals."""
        yield

    async def main_loop(self) -> None:
        """Wait for `stop`; uvicorn itself would look ten times a second."""
        await self._stopping.wait()
