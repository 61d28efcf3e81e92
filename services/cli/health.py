"""What the web process knows of everybody: `GET /healthz`, with the cookie that lets a browser in."""

import http.client
import json
from typing import Any

from bus.settings import Settings
from bus.token import read_or_make
from services.supervise.ports import HOST

LONGEST_SECONDS = 2.0


def healthz(settings: Settings) -> dict[str, Any]:
    """Return the answer; {} when the web process gives none."""
    connection = http.client.HTTPConnection(HOST, settings.port, timeout=LONGEST_SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Cookie": f"pianola-{settings.port}={read_or_make(settings)}"})
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}
