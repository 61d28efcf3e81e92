"""Ask the web process how all processes are: `GET /healthz`, with all details."""

from typing import Any

from bus.settings import Settings
from services.cli.web_request import NoWeb, ask_web


def healthz(settings: Settings) -> dict[str, Any]:
    """Return the answer of `/healthz`; {} when the web process does not answer."""
    try:
        return ask_web(settings, "GET", "/healthz", "status")
    except NoWeb:
        return {}
