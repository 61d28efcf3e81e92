"""The routes: the page, an app's page, the WebSocket, health, static files. No GET changes anything."""

import asyncio
import secrets
from http import HTTPStatus
from pathlib import Path

from fasthtml.core import FastHTML
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from bus.errors import PianolaError
from web.exports import Exports
from web.gate import sentence_page
from web.imports import Importer
from web.listener import WENT_WRONG, Listener, LogError
from web.page import page
from web.room import Room
from web.uploads import Uploads

STATIC = Path(__file__).parent / "static"


def make_app(room: Room, importer: Importer, log_error: LogError) -> FastHTML:
    """Return the app, which the gate stands in front of. No sessions, nothing loaded from elsewhere."""
    app = FastHTML(
        default_hdrs=False,
        canonical=False,
        sess_cls=None,
        secret_key=secrets.token_urlsafe(),  # never used without sessions, but FastHTML would write one to a file
        exception_handlers={HTTPStatus.NOT_FOUND: not_found, Exception: broken},
    )
    app.state.log_error = log_error
    app.router.redirect_slashes = False
    pages = Pages(room, log_error)
    app.router.routes.append(WebSocketRoute("/ws", pages.live))
    # not through FastHTML, which would read the whole body first
    app.router.routes.append(Route("/import/{name}", Uploads(room, importer).take, methods=["POST"]))
    app.mount("/static", StaticFiles(directory=STATIC))
    app.route("/", methods=["GET"])(pages.index)
    app.route("/apps/{name}", methods=["GET"])(pages.show_app)
    app.route("/healthz", methods=["GET"])(pages.health)
    app.route("/export/{name}.csv", methods=["GET"])(Exports(room).as_csv)
    app.route("/export/{name}.json", methods=["GET"])(Exports(room).as_json)
    return app


def not_found(request: Request, _problem: Exception) -> Response:
    """Answer for an address that there is not."""
    return sentence_page(HTTPStatus.NOT_FOUND, "There is no such page. The page of Pianola is at /")


def broken(request: Request, problem: Exception) -> Response:
    """Answer where we failed; the page learns no detail."""
    request.app.state.log_error(f"the page {request.url.path} failed: {problem}", problem)
    return sentence_page(HTTPStatus.INTERNAL_SERVER_ERROR, WENT_WRONG)


def drawn_revision(query: QueryParams, run: str) -> int:
    """Return the revision that a page says it shows; -1 when it was not the process of this `run` that drew it."""
    revision = query.get("revision", "")
    return int(revision) if query.get("run") == run and revision.isdecimal() and len(revision) < 18 else -1


class Pages:
    """The handlers of the routes."""

    def __init__(self, room: Room, log_error: LogError) -> None:
        """`log_error`: gets what went wrong unexpectedly."""
        self._room = room
        self._log_error = log_error

    async def index(self, _request: Request) -> Response:
        """Show the app that was opened last."""
        return await self._show(self._room.app)

    async def show_app(self, request: Request) -> Response:
        """Show an app."""
        name = str(request.path_params["name"])
        app = self._room.registry.apps.get(name)
        if app is None:
            known = ", ".join(self._room.apps)
            return sentence_page(HTTPStatus.NOT_FOUND, f"There is no app {name!r:.60}. There are: {known}.")
        if name not in self._room.apps:
            return sentence_page(HTTPStatus.SERVICE_UNAVAILABLE, f"The app {name} was left out: {app.problem}")
        return await self._show(name)

    async def _show(self, app: str) -> Response:
        try:
            return HTMLResponse(page(await self._room.page(app)))
        except PianolaError as problem:
            return sentence_page(HTTPStatus.SERVICE_UNAVAILABLE, f"{problem} Then reload this page.")

    async def health(self, request: Request) -> Response:
        """Tell whether all processes are ready; more to those who have the token."""
        room = self._room
        report = room.health.as_json()
        status = HTTPStatus.SERVICE_UNAVAILABLE if room.health.missing else HTTPStatus.OK
        if request.scope["pianola.known"]:
            report |= {**room.health.details(), "model": room.model, "revision": room.revision}
        return JSONResponse(report, status)

    async def live(self, websocket: WebSocket) -> None:
        """Serve one browser tab until it is gone."""
        room, query = self._room, websocket.query_params
        app = query.get("app", "")
        await websocket.accept()
        tab = room.enter(
            websocket,
            query.get("tab", "")[:64],
            app if app in room.apps else room.app,
            drawn_revision(query, room.bus.run),
        )
        sending = asyncio.create_task(tab.send())
        listening = asyncio.create_task(Listener(tab, room, self._log_error).listen(websocket))
        try:
            done, _ = await asyncio.wait({sending, listening}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            room.leave(tab)
            for task in (sending, listening):
                task.cancel()
            await asyncio.gather(sending, listening, return_exceptions=True)
        for task in done:
            if not task.cancelled() and (error := task.exception()):
                self._log_error(f"the WebSocket of a browser tab broke: {error}", error)
