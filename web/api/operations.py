"""The table of the routes for programs. The routes and their description (`GET /api`) are both made from it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from apps.clients.access import Access
from web.api.ask import AskDoor
from web.api.mcp import McpDoor
from web.api.orders import HEADER, OrdersDoor
from web.api.rows import RowsDoor
from web.event_stream.route import EventRoute
from web.live.hub import Hub

Handler = Callable[[Request, Access], Awaitable[Response]]
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a request. `place`: path, query or header."""

    name: str
    place: str
    about: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One route: its handler, and what its description says."""

    method: str
    path: str
    handler: Handler
    name: str
    about: str
    parameters: Sequence[Parameter] = ()
    body: Schema | None = None
    answers: Mapping[str, str] = field(default_factory=lambda: {"application/json": "Answer"})
    """Types of the answer, each with the name of its schema."""
    refusals: tuple[int, ...] = ()
    """Statuses of refusals, beside those that all routes have."""


NUMBER = {"type": "integer", "minimum": 0}
TABLE = Parameter("table", "path", "Name of the table.")


def operations(hub: Hub, events: EventRoute, mcp: McpDoor) -> tuple[Operation, ...]:
    """Return all operations but their description, with their handlers."""
    rows, orders, ask = RowsDoor(hub), OrdersDoor(hub), AskDoor(hub)
    return (
        Operation(
            "GET",
            "/rows/{table}",
            rows.list,
            "listRows",
            "Read rows of a table. Any other parameter is a filter by a field: `done=false`, `due.from=2026-01-01`; "
            "given several times, one of the values.",
            (
                TABLE,
                Parameter("sort", "query", "A field; `-field`: descending."),
                Parameter("limit", "query", "Rows at most: 1,000, without it 100.", NUMBER),
                Parameter("offset", "query", "Rows to leave out first.", NUMBER),
                Parameter("search", "query", "Words that the rows contain; the best rows come first."),
                Parameter("where", "query", "A filter as a JSON object, as in the order to the store."),
            ),
            answers={"application/json": "Rows"},
            refusals=(400, 404, 422),
        ),
        Operation(
            "POST",
            "/orders",
            orders.carry_out,
            "order",
            "Read or change rows with one order to the store; docs/messages.md explains the verbs.",
            (
                Parameter(
                    HEADER, "header", "The same key is the same order: it takes effect once, also when sent again."
                ),
            ),
            body={"$ref": "#/components/schemas/Order"},
            refusals=(400, 404, 409, 413, 422, 504, 507),
        ),
        Operation(
            "GET",
            "/orders/{key}",
            orders.tell,
            "getOrder",
            "Read what came of an order, also after a restart; for 7 days.",
            (Parameter("key", "path", f"Its {HEADER}."),),
            refusals=(404,),
        ),
        Operation(
            "POST",
            "/ask",
            ask.ask,
            "ask",
            "Ask the assistant. The answer streams as server-sent events; with `Accept: application/json` it is whole.",
            body={"$ref": "#/components/schemas/Question"},
            answers={"text/event-stream": "Events", "application/json": "Result"},
            refusals=(400, 404, 413, 422, 504),
        ),
        Operation(
            "POST",
            "/mcp",
            mcp.forward,
            "mcp",
            "Speak the Model Context Protocol (streamable HTTP, without sessions); docs/mcp.md explains it.",
            body={"type": "object", "description": "A message of the protocol (JSON-RPC)."},
            answers={"text/event-stream": "Events"},
            refusals=(400, 405, 413),
        ),
        Operation(
            "GET",
            "/events",
            events.answer,
            "hear",
            "Hear facts, tokens and progress of jobs as server-sent events; docs/events.md explains them.",
            (
                Parameter(
                    "prefix", "query", "Only topics that begin so, like `llm.` or `store.changed/todo`.", repeated=True
                ),
                Parameter("Last-Event-ID", "header", "Id of the last event: what was missed since then is told first."),
            ),
            answers={"text/event-stream": "Events"},
            refusals=(400,),
        ),
    )
