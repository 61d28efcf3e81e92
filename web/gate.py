"""Decides which requests get in. ASGI middleware in front of every route, static files and the WebSocket included.

The checks, in this order:

1. the Host is one of our names (against DNS rebinding);
2. the browser does not say that another site sent the request, unless it follows a link to a page;
3. the Origin is our own, on a WebSocket and on every unsafe method; a script with the token may send none;
4. the request has a session (its secret is in the cookie), or a script's header Authorization: `Bearer TOKEN`, or
   `Ticket …`, which is good for one request; or `Bearer KEY` with a client's key, which opens the doors only
   (`sign_in/doors.py`), as no cookie does; a key for the calendar stands in its address;
5. otherwise it signs in: with the token or a ticket in the address of `/`, or in a form.

Browsers send the cookies of 127.0.0.1 to every port. So a browser that signs in there is led to the page's own host
name, which nobody can guess, and gets its cookie there. See docs/decisions/sign-in.md.

Every answer gets headers that isolate the page from other sites.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bus.clients.keys import CALENDAR, ClientKey
from bus.token import is_valid_ticket, make_ticket, page_use, request_use
from web.server import ABORT, REQUEST_SECONDS
from web.sign_in.browsers import browser_name
from web.sign_in.clients import Clients
from web.sign_in.doors import CODES, EXPIRED_KEY, UNUSABLE_KEYS, WRONG_ADDRESS, is_door, problem, why_shut
from web.sign_in.headers import REACHABLE, protect
from web.sign_in.pages import (
    ENTERED,
    FOR_SCRIPTS,
    MANUAL,
    NO_COOKIE,
    OPEN_FILES,
    SIGN_IN,
    WRONG_TOKEN,
    leading_page,
    plain_answer,
    sentence_page,
    signed_out_page,
)
from web.sign_in.sessions import LIFETIME_SECONDS, Session, Sessions

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OPEN_PATHS = ("/healthz", *OPEN_FILES)
"""The only paths that answer to everybody."""
LINKED_PATHS = ("/apps/",)
"""Beginnings of the paths, besides `/`, to which other sites may link: pages. No GET changes anything."""
LARGEST_FORM_BYTES = 4096

LONGEST_DELAY_SECONDS = 0.5
MOST_DELAYED = 20
"""Requests with a wrong token that are delayed at the same time; more are refused at once."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request does not get in. `wrong_token`: it came with a token or a ticket that is wrong."""

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


class Visit:
    """A request as the gate sees it."""

    def __init__(self, scope: Scope, gate: "Gate") -> None:
        self.request = HTTPConnection(scope)
        self.method: str = scope.get("method", "")
        self.path: str = scope["path"]
        self.hosts = self.request.headers.getlist("host")
        self.own_name = self.hosts == [gate.own_host]
        self.script, self.client = gate.authorization(self.request)
        """Whether its header Authorization is right; None if it has none of ours. Whose key it has."""
        self.session, self.secret = (None, "") if is_door(self.path) else self._session(gate)

    @property
    def known(self) -> bool:
        """Whether it may see everything."""
        return self.script is True or (self.script is None and self.session is not None)

    @property
    def is_browser(self) -> bool:
        """Whether a browser goes to this address. All current ones send this header then; scripts do not."""
        return self.request.headers.get("sec-fetch-mode") == "navigate"

    @property
    def has_pass(self) -> bool:
        """Whether the token or a ticket is in the address of `/`."""
        query = self.request.query_params
        return self.method == "GET" and self.path == "/" and ("token" in query or "ticket" in query)

    def _session(self, gate: "Gate") -> tuple[Session | None, str]:
        """Return the session and its secret. There may be more cookies of our name: another program may set one."""
        pairs = (pair.partition("=") for header in self.request.headers.getlist("cookie") for pair in header.split(";"))
        for secret in (value.strip() for key, _, value in pairs if key.strip() == gate.cookie):
            if session := gate.sessions.find(secret, own_name=self.own_name):
                return session, secret
        return None, ""


@dataclass(slots=True)
class Gate:
    """ASGI middleware around the whole app. `own_name`: the page's own host name, without the port."""

    app: ASGIApp
    port: int
    token: str = field(repr=False)
    own_name: str = field(repr=False)
    sessions: Sessions
    clients: Clients
    _delay: Delay = field(default_factory=Delay)

    @property
    def cookie(self) -> str:
        """Name of the cookie. It contains the port, because browsers share cookies between ports."""
        return f"pianola-{self.port}"

    @property
    def own_host(self) -> str:
        """The value of the Host header for the page's own name. Told only to those who are signed in, or sign in."""
        return f"{self.own_name}:{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The other values of the Host header that are ours."""
        return tuple(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the app, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        visit = Visit(scope, self)
        protected = self._with_headers(send, visit)
        if answer := await self._answer(visit, scope, receive):
            await answer(scope, receive, protected)
            return
        scope["pianola.known"], scope["pianola.own_name"] = visit.known, visit.own_name
        scope["pianola.session"] = None if visit.script else visit.session
        scope["pianola.client"] = visit.client
        if visit.session:
            self.sessions.use(visit.session)
        if scope["type"] == "websocket":
            await self._connect(visit.session, scope, receive, send)
        else:
            await self.app(scope, receive, protected)

    async def _answer(self, visit: Visit, scope: Scope, receive: Receive) -> Response | None:
        """Return the gate's own answer; None: the app answers."""
        if refusal := self._refusal(visit):
            return await self._refuse(visit, refusal)
        if visit.own_name and (visit.method, visit.path) == ("GET", REACHABLE):
            return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Cross-Origin-Resource-Policy": "cross-origin"})
        if (visit.method, visit.path) == ("POST", SIGN_IN):
            return await self._take_form(visit, Request(scope, receive))
        if visit.has_pass:
            return await self._take_pass(visit, visit.request.query_params)
        if visit.known or visit.path in OPEN_PATHS:
            return None
        problem = NO_COOKIE if visit.path == "/" and ENTERED in visit.request.query_params else ""
        return await self._refuse(visit, Refusal(HTTPStatus.UNAUTHORIZED, problem))

    async def _connect(self, session: Session | None, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a WebSocket to the app; close it when its session is revoked."""
        close = scope.get("extensions", {}).get(ABORT)
        with self.sessions.connected(session, close) if session and close else contextlib.nullcontext():
            await self.app(scope, receive, send)

    # --- the checks ---

    def _refusal(self, visit: Visit) -> Refusal | None:
        if len(visit.hosts) != 1 or visit.hosts[0] not in (*self.hosts, self.own_host):
            return Refusal(HTTPStatus.MISDIRECTED_REQUEST, f"Pianola answers to {' and '.join(self.hosts)} only.")
        if self._from_another_site(visit):
            return Refusal(HTTPStatus.FORBIDDEN, "Another site asked for this, so it was refused.")
        if visit.script is False:
            wrong = "" if visit.path == CALENDAR else f"{WRONG_TOKEN} {FOR_SCRIPTS}"
            sentence = UNUSABLE_KEYS if self.clients.problem else wrong
            return Refusal(HTTPStatus.UNAUTHORIZED, sentence, wrong_token=True)
        origins = visit.request.headers.getlist("origin")
        if self._needs_origin(visit, origins) and origins != [f"http://{visit.hosts[0]}"]:
            sentence = "The Origin is not Pianola's own page, so this was refused."
            return Refusal(HTTPStatus.FORBIDDEN, sentence if origins else f"{sentence} {FOR_SCRIPTS}")
        return self._refusal_of_key(visit.client, visit.path) if visit.client else None

    def _refusal_of_key(self, key: ClientKey, path: str) -> Refusal | None:
        if not self.clients.is_valid(key):
            return Refusal(HTTPStatus.UNAUTHORIZED, EXPIRED_KEY.format(name=key.name))
        shut = "" if path in OPEN_PATHS else why_shut(key, path)
        return Refusal(HTTPStatus.FORBIDDEN, shut) if shut else None

    @staticmethod
    def _from_another_site(visit: Visit) -> bool:
        """`same-site` is another port of this machine: refused like any other site. A link to a page is allowed."""
        headers = visit.request.headers
        if headers.get("sec-fetch-site", "none") in ("none", "same-origin") or visit.method != "GET":
            return headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
        if visit.own_name and visit.path == REACHABLE:
            return False
        following = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        return not (following and (visit.path == "/" or visit.path.startswith(LINKED_PATHS)))

    @staticmethod
    def _needs_origin(visit: Visit, origins: list[str]) -> bool:
        """A page of another site cannot send our header Authorization: a browser would ask us first, in vain."""
        if visit.script and not origins:
            return False
        return visit.request.scope["type"] == "websocket" or visit.method not in SAFE_METHODS

    def authorization(self, request: HTTPConnection) -> tuple[bool | None, ClientKey | None]:
        """Return whether the header Authorization is right: the token, a key, or a ticket for this request.

        None: it has none of these. Then the key, if it is one. Of the calendar it stands in the address.
        """
        if request.scope["path"] == CALENDAR and (in_address := request.query_params.get("key")):
            return self._calendar_key(in_address)
        kind, _, offered = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            if self._equals_token(offered.strip()):
                return True, None
            client = self.clients.find(offered.strip())
            return client is not None, client
        if kind.lower() == "ticket":
            use = request_use(request.scope.get("method", "GET"), request.scope["path"], self.port)
            return is_valid_ticket(self.token, offered.strip(), time.time(), use), None
        return None, None

    def _calendar_key(self, offered: str) -> tuple[bool, ClientKey | None]:
        """Calendar programs can send no header of ours. No other secret opens anything from there."""
        found = self.clients.find(offered)
        client = found if found and found.calendar else None
        return client is not None, client

    def _equals_token(self, offered: str) -> bool:
        return secrets.compare_digest(offered.encode(errors="replace"), self.token.encode())

    # --- signing in ---

    async def _take_form(self, visit: Visit, request: Request) -> Response:
        """Answer the form of the page for a browser that is not signed in."""
        body = b""
        with contextlib.suppress(ClientDisconnect, TimeoutError):
            async with asyncio.timeout(REQUEST_SECONDS):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > LARGEST_FORM_BYTES:
                        return sentence_page(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is too long for a token.")
        found = parse_qs(body.decode(errors="replace"))
        return await self._take_pass(visit, {name: values[0].strip() for name, values in found.items()}, stays=True)

    async def _take_pass(self, visit: Visit, given: Mapping[str, str], *, stays: bool = False) -> Response:
        """Sign in with a token or a ticket. `stays`: a browser with a ticket stays at 127.0.0.1."""
        leads = visit.is_browser and not visit.own_name
        if visit.is_browser and visit.session and not leads:
            return RedirectResponse("/", HTTPStatus.SEE_OTHER)
        if token := given.get("token", ""):
            if not self._equals_token(token):
                return await self._refuse(visit, Refusal(HTTPStatus.UNAUTHORIZED, WRONG_TOKEN, wrong_token=True))
            return self._redirect_with_ticket() if leads else self._enter(visit)
        ticket = given.get("ticket", "")
        if not is_valid_ticket(self.token, ticket, time.time(), page_use(self.port)) or self.sessions.was_used(ticket):
            if visit.session:  # the browser has the address in its history
                return RedirectResponse("/", HTTPStatus.SEE_OTHER)
            return await self._refuse(visit, Refusal(HTTPStatus.UNAUTHORIZED, WRONG_TOKEN, wrong_token=True))
        if leads and not stays:
            return leading_page(self.port, f"http://{self.own_host}", ticket)
        self.sessions.use_up(ticket)
        return self._enter(visit)

    def _redirect_with_ticket(self) -> Response:
        """Lead a browser on without the token in the address."""
        ticket = make_ticket(self.token, time.time(), page_use(self.port))
        return RedirectResponse(f"/?ticket={ticket}", HTTPStatus.SEE_OTHER)

    def _enter(self, visit: Visit) -> Response:
        self._delay.wrong = 0
        response = RedirectResponse(f"/?{ENTERED}=1" if visit.is_browser else "/", HTTPStatus.SEE_OTHER)
        name = browser_name(visit.request.headers.get("user-agent", ""))
        self._set_cookie(response, self.sessions.begin(name, own_name=visit.own_name))
        return response

    def _set_cookie(self, response: Response, secret: str) -> None:
        """Set the cookie: for this host name only (it names no domain), for as long as the session lives unused."""
        response.set_cookie(self.cookie, secret, LIFETIME_SECONDS, path="/", httponly=True, samesite="lax")

    # --- the answers ---

    async def _refuse(self, visit: Visit, refusal: Refusal) -> Response:
        if refusal.wrong_token and not await self._delay.wait():
            refusal = Refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong tokens at once. Wait a moment.")
        sentence = refusal.sentence or (WRONG_ADDRESS if visit.path == CALENDAR else FOR_SCRIPTS)
        if is_door(visit.path):
            return problem(refusal.status, CODES.get(refusal.status, "refused"), sentence)
        if plain := plain_answer(refusal.status, sentence, visit.request.headers.get("accept", "")):
            return plain
        if refusal.status != HTTPStatus.UNAUTHORIZED:
            return sentence_page(refusal.status, refusal.sentence)
        if visit.path.startswith("/static/") or visit.request.scope["type"] == "websocket":
            return sentence_page(refusal.status, MANUAL)
        return signed_out_page(self.port, problem=refusal.sentence, own_name=visit.own_name)

    def _with_headers(self, send: Send, visit: Visit) -> Send:
        own = visit.hosts[0] if visit.hosts and visit.hosts[0] in (*self.hosts, self.own_host) else self.hosts[0]

        async def send_protected(message: Message) -> None:
            if message["type"].endswith("response.start"):
                headers = MutableHeaders(scope=message)
                protect(headers, own, visit.path)
                self._renew_cookie(headers, visit)
            await send(message)

        return send_protected

    def _renew_cookie(self, headers: MutableHeaders, visit: Visit) -> None:
        """Have the browser keep its cookie for longer."""
        if visit.session and "set-cookie" not in headers and self.sessions.renew(visit.session):
            again = Response()
            self._set_cookie(again, visit.secret)
            headers.append("set-cookie", again.headers["set-cookie"])
