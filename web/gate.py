"""Decides which requests get in. ASGI middleware in front of every route, static files and the WebSocket included.

The checks, in this order:

1. the Host is one of our names (against DNS rebinding);
2. the browser does not say that another site sent the request;
3. the Origin is our own, on a WebSocket and on every unsafe method;
4. the cookie holds the token; or the address of `/` has the token, or a ticket made from it, and then the answer sets
   the cookie.

Every answer gets headers that isolate the page from other sites.
"""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus

from starlette.datastructures import MutableHeaders, QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bus.token import is_valid_ticket

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OPEN_PATH = "/healthz"
"""The only path that answers without a token."""

LONGEST_DELAY_SECONDS = 0.5
MOST_DELAYED = 20
"""Requests with a wrong token that are delayed at the same time; more are refused at once."""

MANUAL = "Open the URL printed by `pianola up`: it carries the token that opens this page."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request does not get in. `wrong_token`: it came with a token that is wrong."""

    status: HTTPStatus
    sentence: str
    wrong_token: bool = False


@dataclass(slots=True)
class Delay:
    """Delays requests with wrong tokens, longer each time, so that nobody can try many."""

    wrong: int = 0
    waiting: int = 0

    async def wait(self) -> bool:
        """Wait; return False at once if too many wait already."""
        if self.waiting >= MOST_DELAYED:
            return False
        self.wrong += 1
        self.waiting += 1
        try:
            await asyncio.sleep(min(0.02 * self.wrong, LONGEST_DELAY_SECONDS))
        finally:
            self.waiting -= 1
        return True


@dataclass(slots=True)
class Gate:
    """ASGI middleware around the whole app."""

    app: ASGIApp
    port: int
    token: str = field(repr=False)
    _delay: Delay = field(default_factory=Delay)
    _used: set[str] = field(default_factory=set)
    """Tickets that opened the page: each does so once."""

    @property
    def cookie(self) -> str:
        """Name of the cookie. It contains the port, because browsers share cookies between ports."""
        return f"pianola-{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The only values of the Host header that are ours."""
        return tuple(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the app, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        protected = send if scope["type"] == "websocket" else self._with_headers(send, request)
        if refusal := self._refusal(request):
            await self._refuse(refusal, scope, receive, self._with_headers(send, request))
        elif self._is_login(request):
            await self._enter(request)(scope, receive, protected)
        else:
            scope["pianola.known"] = self._has_token(request)
            await self.app(scope, receive, protected)

    # --- the checks ---

    def _refusal(self, request: HTTPConnection) -> Refusal | None:
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            return Refusal(HTTPStatus.MISDIRECTED_REQUEST, f"Pianola answers to {' and '.join(self.hosts)} only.")
        if self._from_another_site(request):
            return Refusal(HTTPStatus.FORBIDDEN, "Another site asked for this, so it was refused.")
        if self._needs_origin(request) and request.headers.getlist("origin") != [f"http://{hosts[0]}"]:
            return Refusal(HTTPStatus.FORBIDDEN, "The Origin is not Pianola's own page, so this was refused.")
        if request.scope["path"] == OPEN_PATH or self._has_token(request):
            return None
        if self._is_login(request):
            return None if self._login_is_valid(request.query_params) else self._unauthorized(wrong_token=True)
        return self._unauthorized(wrong_token=self.cookie in request.cookies)

    @staticmethod
    def _unauthorized(*, wrong_token: bool) -> Refusal:
        return Refusal(HTTPStatus.UNAUTHORIZED, MANUAL, wrong_token)

    @staticmethod
    def _from_another_site(request: HTTPConnection) -> bool:
        """`same-site` is another port of this machine: refused like any other site. A link to the page is allowed."""
        if request.headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
            return False
        following = (
            request.headers.get("sec-fetch-mode") == "navigate" and request.headers.get("sec-fetch-dest") == "document"
        )
        return not (following and request.scope.get("method") == "GET" and request.scope["path"] == "/")

    @staticmethod
    def _needs_origin(request: HTTPConnection) -> bool:
        return request.scope["type"] == "websocket" or request.scope["method"] not in SAFE_METHODS

    @staticmethod
    def _is_login(request: HTTPConnection) -> bool:
        at_entrance = request.scope.get("method") in ("GET", "HEAD") and request.scope["path"] == "/"
        return at_entrance and ("token" in request.query_params or "ticket" in request.query_params)

    def _login_is_valid(self, query: QueryParams) -> bool:
        if "token" in query:
            return self._equals_token(query["token"])
        ticket = query["ticket"]
        return ticket not in self._used and is_valid_ticket(self.token, ticket, time.time())

    def _has_token(self, request: HTTPConnection) -> bool:
        return self._equals_token(request.cookies.get(self.cookie, ""))

    def _equals_token(self, offered: str) -> bool:
        return secrets.compare_digest(offered.encode(errors="replace"), self.token.encode())

    # --- the answers ---

    def _enter(self, request: HTTPConnection) -> Response:
        self._delay.wrong = 0
        if ticket := request.query_params.get("ticket"):
            self._used.add(ticket)
        response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        response.set_cookie(self.cookie, self.token, path="/", httponly=True, samesite="strict")
        return response

    async def _refuse(self, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal.wrong_token and not await self._delay.wait():
            refusal = Refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong tokens at once. Wait a moment.")
        await sentence_page(refusal.status, refusal.sentence)(scope, receive, send)

    def _with_headers(self, send: Send, request: HTTPConnection) -> Send:
        host = request.headers.get("host", "")
        own = host if host in self.hosts else self.hosts[0]

        async def send_protected(message: Message) -> None:
            if message["type"].endswith("response.start"):
                protect(MutableHeaders(scope=message), own, static=request.scope["path"].startswith("/static/"))
            await send(message)

        return send_protected


def protect(headers: MutableHeaders, host: str, *, static: bool) -> None:
    """Add the headers that isolate the page: nothing is loaded from, sent to, or framed by another site."""
    headers["Content-Security-Policy"] = (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self' ws://{host}; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cache-Control"] = "no-cache" if static else "no-store"


def sentence_page(status: HTTPStatus, sentence: str) -> Response:
    """Return a page that holds one sentence."""
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>Pianola: {status.phrase}</title></head><body><main><p>{escape(sentence)}</p></main></body></html>"
    )
    return Response(body, status, media_type="text/html")
