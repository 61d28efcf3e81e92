"""Serves the page's files: `/static/HASH/NAME` to be kept for good, `/static/NAME` to be asked for each time."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from web.served.files import WORKER, ServedFile, StaticFiles

FOR_GOOD = "private, max-age=31536000, immutable"
NOT_THERE = "There is no such file (any more): this page may be older than Pianola. Reload it.\n"


class StaticRoute:
    """ASGI app for what stands below `/static`."""

    def __init__(self, files: StaticFiles) -> None:
        """`files`: what is served."""
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        await self._answer(request)(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return Response(status_code=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
        path = request.scope["path"].removeprefix(f"{request.scope.get('root_path', '')}/")
        file = self._files.now.file(path)
        return sent(file, request.headers) if file else PlainTextResponse(NOT_THERE, HTTPStatus.NOT_FOUND)

    async def worker(self, request: Request) -> Response:
        """Send the service worker, which says how to start Pianola when it does not run."""
        file = self._files.now.file(WORKER)
        return sent(file, request.headers) if file else PlainTextResponse(NOT_THERE, HTTPStatus.NOT_FOUND)


def sent(file: ServedFile, asked: Headers) -> Response:
    """Return the answer that holds a file, packed if the browser takes that. `asked`: the headers of its request."""
    headers = {"Vary": "Accept-Encoding"}
    if file.lasting:
        headers["Cache-Control"] = FOR_GOOD
    accepted = [one.partition(";")[0].strip() for one in asked.get("accept-encoding", "").split(",")]
    if "gzip" in accepted and file.packed:
        return Response(file.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=file.kind)
    return Response(file.content, headers=headers, media_type=file.kind)
