"""The web process: hears facts, tokens and beats; says orders to the store, cancels, and what the user did."""

import asyncio
import os
import sys

import uvloop

from bus.messages import BusCounted, ServiceChanged
from bus.service import Service, run
from bus.token import load_or_create_token
from web.health import Health
from web.port import bind

NAME = "web"
ALONE = ("store", NAME)
"""Processes without which there is no page: what is expected when no supervisor says."""


async def serve(service: Service) -> None:
    """Take the port, join the bus, and serve pages until told to stop."""
    token = load_or_create_token(service.settings)
    with bind(service.settings.port) as listener:
        health = Health(expected_processes())
        service.bus.hear(ServiceChanged, health.heard_beat)
        service.bus.hear(BusCounted, health.heard_count)
        ready = service.spawn(service.ready(), "ready")
        await asyncio.sleep(0)  # connected: the first beats of the others wait for us while the rest is imported
        from web.serving import serve_pages  # noqa: PLC0415 (a quarter of a second)

        await serve_pages(service, listener, token, health, ready)


def expected_processes() -> tuple[str, ...]:
    """Return the names of the processes that make a whole, as the supervisor tells them."""
    named = os.environ.get("PIANOLA_PROCESSES", "")
    return tuple(name.strip() for name in named.split(",") if name.strip()) or ALONE


def main() -> int:
    """Live the life of the web process."""
    return run(NAME, serve, uvloop.new_event_loop)


if __name__ == "__main__":
    sys.exit(main())
