"""Ask the web process, with a ticket that is good for this one request.

Not with the token: another program may listen on the port, for example when the web process is away, or when
`PIANOLA_PORT` is not the one that it was started with.
"""

import http.client
import json
import time
from typing import Any

from bus.errors import PianolaError
from bus.settings import Settings
from bus.token import load_or_create_token, make_ticket, request_use
from services.supervise.ports import HOST

LONGEST_SECONDS = 2.0


class NoWeb(PianolaError):
    """The web process does not answer, or is not the one of this data folder."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            f"no web process of {settings.home} answers at port {settings.port}. Start it with `pianola up`, and look "
            "with `pianola status` whether it is ready."
        )


def ask_web(settings: Settings, method: str, path: str, expected: str) -> dict[str, Any]:
    """Send a request; return its answer, a JSON object. Raises `NoWeb` when nothing that knows us answers in time.

    `expected`: a field of the answer; an answer without it has `problem`, a sentence.
    """
    connection = http.client.HTTPConnection(HOST, settings.port, timeout=LONGEST_SECONDS)
    ticket = make_ticket(load_or_create_token(settings), time.time(), request_use(method, path, settings.port))
    try:
        connection.request(method, path, headers={"Authorization": f"Ticket {ticket}"})
        body = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoWeb(settings) from error
    finally:
        connection.close()
    if not isinstance(body, dict) or not (expected in body or "problem" in body):
        raise NoWeb(settings)
    return body
