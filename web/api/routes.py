"""The routes for programs, made from the table of operations."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apps.clients.access import Access
from bus.errors import PianolaError
from web.api.description import Description
from web.api.mcp import McpDoor
from web.api.operations import Handler, operations
from web.api.problems import api_problem
from web.event_stream.route import EventRoute
from web.live.hub import Hub
from web.sign_in.doors import problem

START_SECONDS = 5.0
"""How long a request waits for the own apps, which are known a moment after the start."""
MISTAKE = "This did not work because of a mistake in Pianola. The log web.log says more."


def api_routes(hub: Hub, events: EventRoute, mcp: McpDoor) -> list[Route]:
    """Return the routes."""
    described = operations(hub, events, mcp)
    all_operations = (*described, Description(described).operation)
    return [Route(one.path, guarded(hub, one.handler), methods=[one.method]) for one in all_operations]


def guarded(hub: Hub, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Return a handler that gets the rights of the request, and whose failures become answers."""

    async def handle(request: Request) -> Response:
        await hub.catch_up.until_loaded(START_SECONDS)  # before, a key would not open the tables of own apps
        try:
            return await handler(request, Access(request.scope["pianola.client"], hub.registry))
        except PianolaError as error:
            told = api_problem(error)
            return problem(told.status, told.code, str(told), **told.details)
        except Exception as error:
            request.app.state.log_error(f"{request.method} {request.url.path} failed: {error}", error)
            return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", MISTAKE)

    handle.__doc__ = handler.__doc__
    return handle
