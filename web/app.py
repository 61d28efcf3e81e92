"""The routes: pages, the WebSocket, search, health, files that come and go, sessions, static files; those for programs.

No GET changes anything.
"""

import asyncio
import secrets
from dataclasses import replace
from http import HTTPStatus

from fasthtml.core import FastHTML
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from bus.clients.keys import CALENDAR
from bus.errors import PianolaError
from web.api.mcp import McpDoor
from web.api.routes import api_routes, guarded
from web.commands.listener import WENT_WRONG, Listener, LogError
from web.event_stream.readers import Readers
from web.event_stream.route import EventRoute
from web.files.calendar.route import CalendarDoor
from web.files.exports import Exports
from web.files.importer import Importer
from web.files.job_files import JobFiles
from web.files.printing import Printing
from web.files.talks.exports import TalkExports
from web.files.talks.imports import TalkImports
from web.files.uploads import Uploads
from web.html.first_page import LARGEST_PAGE_BYTES
from web.html.page import page
from web.html.parts.fragments import html
from web.html.search import results
from web.live.hub import Hub
from web.live.search import search
from web.live.tab import OPENED_LAST, ChatWindow
from web.route_list import route_list
from web.served.files import WORKER, StaticFiles
from web.served.route import StaticRoute
from web.sign_in.clients import Clients
from web.sign_in.pages import PLAIN_ADDRESS, sentence_page
from web.sign_in.sessions import NotSaved, Sessions
from web.state.filters import TALK, talk_of
from web.state.page_view import MESSAGES_SHOWN, MOST_MESSAGES, conversation_in
from web.state.talks.lists import LONGEST_WORDS, TalkWindow
from web.state.views.opening import window_of
from web.state.window import MOST_EDITED, MOST_ROWS, ROWS_SHOWN, AppWindow
from web.whom import reader_of

LONGEST_SEARCH = 200
START_SECONDS = 5.0
"""How long a page waits for what the store says at the start."""
MOST_DIGITS = 18
NO_NUMBER = "The address asks for the conversation “{text}”, which is no number. Here is the one that was opened last."


def make_app(
    hub: Hub, importer: Importer, doors: tuple[Sessions, Clients], readers: Readers, log_error: LogError
) -> FastHTML:
    """Return the ASGI app. It checks nobody: `gate.py` is in front of it. It uses no sessions of FastHTML.

    `doors`: the sessions and the clients' keys of the gate. `readers`: those of `GET /events`.
    """
    app = FastHTML(
        default_hdrs=False,
        canonical=False,
        sess_cls=None,
        secret_key=secrets.token_urlsafe(),  # never used without sessions, but FastHTML would write one to a file
        exception_handlers={HTTPStatus.NOT_FOUND: not_found, Exception: broken},
    )
    app.state.log_error = log_error
    app.router.redirect_slashes = False
    static = StaticFiles()
    routes, signed_in = Routes(hub, static, log_error), SignedIn(doors[0])
    app.router.routes.append(WebSocketRoute("/ws", routes.live))
    # not as a route of FastHTML, which would read the whole body first
    app.router.routes.append(Route("/import/{name}", Uploads(hub, importer).take, methods=["POST"]))
    files = JobFiles(hub)
    app.router.routes.append(Route("/uploads", files.take, methods=["POST"]))
    app.router.routes.append(Route("/conversations", TalkImports(hub).take, methods=["POST"]))
    app.router.routes.append(Route("/sessions/{id}", signed_in.revoke, methods=["DELETE"]))
    mcp = McpDoor(hub.process_settings, doors[1])
    app.router.routes.extend(api_routes(hub, EventRoute(readers, *doors), mcp))
    app.router.routes.append(Route(CALENDAR, guarded(hub, CalendarDoor(hub).show), methods=["GET"]))
    app.mount("/static", StaticRoute(static))
    app.router.routes.append(Route(f"/{WORKER}", StaticRoute(static).worker, methods=["GET"]))
    exports, talks, printing = Exports(hub), TalkExports(hub), Printing(hub)
    pages = {
        "/": routes.index,
        "/apps/{name}": routes.show_app,
        "/search": routes.search,
        "/jobs/{job}/{name}": files.send,
        "/healthz": routes.health,
        "/sessions": signed_in.show,
        "/export/{name}.csv": exports.as_csv,
        "/export/{name}.json": exports.as_json,
        "/export/{name}.ics": exports.as_calendar,
        "/conversations.md": talks.as_markdown,
        "/conversations.json": talks.as_json,
        "/print/talk/{talk}": printing.talk,
        "/print/apps/{name}": printing.app,
    }
    for path, handler in pages.items():
        app.route(path, methods=["GET"])(handler)
    app.state.route_list = route_list(app.router.routes, pages)
    return app


def not_found(request: Request, _problem: Exception) -> Response:
    """Answer for an address that does not exist."""
    return sentence_page(HTTPStatus.NOT_FOUND, "There is no such page. The page of Pianola is at /")


def broken(request: Request, problem: Exception) -> Response:
    """Answer after an unexpected error; the details go only into the log."""
    request.app.state.log_error(f"the page {request.url.path} failed: {problem}", problem)
    return sentence_page(HTTPStatus.INTERNAL_SERVER_ERROR, WENT_WRONG)


def number(query: QueryParams, name: str) -> int:
    """Return a whole number from the query of an address; 0 if it is not one."""
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < MOST_DIGITS else 0


def chat_of(query: QueryParams) -> ChatWindow:
    """Return the chat of a page at an address: the conversation that it names, else the one that was opened last."""
    text = query.get(TALK, "")
    talk = talk_of(text) if text else OPENED_LAST
    return ChatWindow(OPENED_LAST, problem=NO_NUMBER.format(text=text[:40])) if talk is None else ChatWindow(talk)


class Routes:
    """The handlers of the routes."""

    def __init__(self, hub: Hub, static: StaticFiles, log_error: LogError) -> None:
        """`static`: the files that a page loads. `log_error`: gets unexpected errors."""
        self._hub = hub
        self._static = static
        self._log_error = log_error

    async def index(self, request: Request) -> Response:
        """Show the app that was opened last."""
        return await self._show(request, None)

    async def show_app(self, request: Request) -> Response:
        """Show an app, filtered as the address says; a broken app is shown with the reason."""
        name = str(request.path_params["name"])
        apps = self._hub.apps
        if name not in apps:  # an own app is known as soon as the store has said which there are
            await self._hub.catch_up.until_loaded(START_SECONDS)
        if name not in apps:
            known = ", ".join(apps.problems)
            return sentence_page(HTTPStatus.NOT_FOUND, f"There is no app {name!r:.60}. There are: {known}.")
        return await self._show(request, window_of(apps, name, request.url.query))

    async def _show(self, request: Request, window: AppWindow | None) -> Response:
        try:
            view = await self._hub.pages.page(window, chat_of(request.query_params), reader_of(request))
            hint = "" if request.scope["pianola.own_name"] else PLAIN_ADDRESS
            version = self._static.now.hash
            text = page(view, version, hint)
            if len(text.encode()) > LARGEST_PAGE_BYTES:
                text = page(self._hub.pages.forget(view), version, hint)
            return HTMLResponse(text)
        except PianolaError as problem:
            return sentence_page(HTTPStatus.SERVICE_UNAVAILABLE, f"{problem} Then reload this page.")

    async def search(self, request: Request) -> Response:
        """Return the list of results for `text`; `app` is the one that is open in the tab."""
        query, hub = request.query_params, self._hub
        text, app = query.get("text", "")[:LONGEST_SEARCH].strip(), query.get("app", "")
        if not text:
            return HTMLResponse(html(results("")))
        view = hub.shared.view()
        if app in hub.apps:
            view = replace(view, app=app, table=hub.apps.table(app))
        found = await search(hub.bus, hub.apps, view, text)
        return HTMLResponse(html(results(text, found.all, found.problem)))

    async def health(self, request: Request) -> Response:
        """Report whether all processes are ready; with details for those who have the token."""
        hub = self._hub
        report = hub.health.as_json()
        status = HTTPStatus.SERVICE_UNAVAILABLE if hub.health.missing else HTTPStatus.OK
        if request.scope["pianola.known"] and not request.scope["pianola.client"]:
            report |= {
                **hub.health.details(hub.process_settings),
                "model": hub.shared.model,
                "revision": hub.catch_up.known_revision,
                "apps": hub.apps.failures,
                "routes": request.app.state.route_list,
            }
        return JSONResponse(report, status)

    def _window(self, query: QueryParams) -> AppWindow:
        """Return what a page that reconnects shows of its app."""
        apps, app = self._hub.apps, query.get("app", "")
        if app not in apps:
            return window_of(apps, self._hub.shared.app, "")
        limit = min(max(number(query, "count"), ROWS_SHOWN), MOST_ROWS)
        window = window_of(apps, app, query.get("query", ""))
        window.offset, window.limit = number(query, "offset"), limit
        for key in query.getlist("edited")[:MOST_EDITED]:
            window.edit(int(key) if key.isascii() and key.isdecimal() and len(key) < MOST_DIGITS else key)
        return window

    def _chat(self, query: QueryParams) -> ChatWindow:
        """Return what a page that reconnects shows of which conversation."""
        talk = talk_of(query.get(TALK, ""))
        conversation = conversation_in(self._hub.shared.settings) if talk is None else talk
        messages = min(number(query, "messages") or MESSAGES_SHOWN, MOST_MESSAGES)
        return ChatWindow(conversation, limit=messages, newest=number(query, "newest"))

    async def live(self, websocket: WebSocket) -> None:
        """Serve one browser tab until it is gone."""
        hub, query = self._hub, websocket.query_params
        await websocket.accept()
        if query.get("app", "") not in hub.apps:  # an own app is known as soon as the store has said which there are
            await hub.catch_up.until_loaded(START_SECONDS)
        tab = hub.enter(
            websocket,
            query.get("tab", "")[:64],
            self._window(query),
            self._chat(query),
            number(query, "revision"),
        )
        tab.reader = reader_of(websocket)
        tab.talks = TalkWindow(query.get("words", "")[:LONGEST_WORDS].strip(), is_open=bool(query.get("talks")))
        sending = asyncio.create_task(tab.send())
        listening = asyncio.create_task(Listener(tab, hub, self._log_error).listen(websocket))
        try:
            done, _ = await asyncio.wait({sending, listening}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hub.tabs.remove(tab)
            for task in (sending, listening):
                task.cancel()
            await asyncio.gather(sending, listening, return_exceptions=True)
        for task in done:
            if not task.cancelled() and (error := task.exception()):
                self._log_error(f"the WebSocket of a browser tab broke: {error}", error)


class SignedIn:
    """The routes of `pianola sessions`."""

    def __init__(self, sessions: Sessions) -> None:
        """`sessions`: those of the gate."""
        self._sessions = sessions

    async def show(self, _request: Request) -> Response:
        """List the browsers that are signed in."""
        return JSONResponse({"sessions": self._sessions.as_json()})

    async def revoke(self, request: Request) -> Response:
        """End one session, or `all`; answer with their number."""
        try:
            ended = self._sessions.revoke(str(request.path_params["id"]))
        except NotSaved as problem:
            return JSONResponse({"problem": str(problem)}, HTTPStatus.INSUFFICIENT_STORAGE)
        return JSONResponse({"revoked": ended})
