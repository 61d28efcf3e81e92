"""The web process: hears facts, tokens and beats; says orders to the store, cancels, and what the user did."""

import asyncio
import os
import sys

import uvloop

from bus.service import Service, run
from bus.token import load_or_create_host, load_or_create_token
from web.port import bind

NAME = "web"
NEEDED = ("store", NAME)
"""Processes that must be ready for the page to work, if no supervisor names them."""


async def serve(service: Service) -> None:
    """Take the port, join the bus, and serve pages until told to stop."""
    token, own_name = load_or_create_token(service.settings), load_or_create_host(service.settings)
    with bind(service.settings.port) as listener:
        ready = service.spawn(service.ready(), "ready")
        await asyncio.sleep(0)  # it connects to the bus now, while the rest is imported
        from web.serving import serve_pages  # noqa: PLC0415 (a quarter of a second)

        await serve_pages(service, listener, (token, own_name), expected_processes(), ready)


def expected_processes() -> tuple[str, ...]:
    """Return the names of the processes that must be ready, as the supervisor names them."""
    named = os.environ.get("PIANOLA_PROCESSES", "")
    return tuple(name.strip() for name in named.split(",") if name.strip()) or NEEDED


def main() -> int:
    """Run the web process until SIGTERM; return its exit code."""
    return run(NAME, serve, uvloop.new_event_loop)


if __name__ == "__main__":
    sys.exit(main())
