"""Ask the web process how all processes are: `GET /healthz`, with the web token as a cookie, like a browser."""

import http.client
import json
from typing import Any

from bus.settings import Settings
from bus.token import load_or_create_token
from services.supervise.ports import HOST

LONGEST_SECONDS = 2.0


def healthz(settings: Settings) -> dict[str, Any]:
    """Return the answer of `/healthz`; {} when the web process does not answer."""
    connection = http.client.HTTPConnection(HOST, settings.port, timeout=LONGEST_SECONDS)
    try:
        cookie = f"pianola-{settings.port}={load_or_create_token(settings)}"
        connection.request("GET", "/healthz", headers={"Cookie": cookie})
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}
