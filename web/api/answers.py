"""What a request asks, and the answer to it, as JSON."""

import asyncio
import json
from http import HTTPStatus
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bus.messages import Values
from web.api.problems import ApiProblem, bad_request
from web.event_stream.events import as_json
from web.server import REQUEST_SECONDS

LARGEST_BODY_BYTES = 1024 * 1024
"""As much as a message of the bus may hold."""


def answer(data: Values, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Response:
    """Return an answer of JSON."""
    return Response(f"{as_json(data)}\n".encode(errors="replace"), status, headers, "application/json")


async def body_of(request: Request, known: tuple[str, ...]) -> Values:
    """Return the JSON object in the body of a request. `known`: the fields that it may have. Raises `ApiProblem`."""
    body = await read_body(request)
    try:
        found: Any = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise bad_request(
            f"The body is no JSON ({str(error)[:100]}). Expected an object of {', '.join(known)}."
        ) from None
    if type(found) is not dict:
        raise bad_request(f"The body is {body[:40]!r}. Expected a JSON object of {', '.join(known)}.")
    for name in found:
        if name not in known:
            raise bad_request(f"The body has a field {name!r:.60}. Known ones: {', '.join(known)}.", name[:60])
    return found


async def read_body(request: Request) -> bytes:
    """Return the body of a request. Raises `ApiProblem` if it is too long or too slow."""
    body = b""
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY_BYTES:
                    sentence = f"The body has more than {LARGEST_BODY_BYTES:,} bytes. Divide it."
                    raise ApiProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_long", sentence)
    except (TimeoutError, ClientDisconnect):
        sentence = f"The body did not come whole within {REQUEST_SECONDS:.0f} s."
        raise ApiProblem(HTTPStatus.REQUEST_TIMEOUT, "bad_request", sentence) from None
    return body


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
