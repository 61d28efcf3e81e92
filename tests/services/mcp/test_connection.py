"""A server that hangs, at its start or in a call, is waited for no longer than a limit says; then it is tried again."""

import asyncio
import contextlib
import sys
import time

import pytest

from bus.errors import Refused
from bus.mcp.servers import McpServer
from bus.settings import load
from tests.support.system import PATIENCE_SECONDS, ROOT, run_apart

SERVER = str(ROOT / "tests" / "support" / "tool_server.py")


@pytest.fixture
def connected(tmp_path, monkeypatch):
    """Play something with the connection to a server, with limits of a second."""
    from services.mcp.connect import connection

    def play(way, work, **limits):
        for name, seconds in limits.items():
            monkeypatch.setattr(connection, name, seconds)

        async def visit():
            changed = asyncio.Event()
            settings = load({"PIANOLA_HOME": str(tmp_path / "home")})
            made = connection.Connection(McpServer(way, (sys.executable, SERVER, way)), settings, changed.set)
            running = asyncio.create_task(made.run())
            try:
                return await work(made, changed)
            finally:
                running.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await running

        return run_apart(visit())

    return play


async def until(connection, changed, state):
    async with asyncio.timeout(PATIENCE_SECONDS):
        while connection.listing.state != state:
            changed.clear()
            await changed.wait()


def test_a_call_that_hangs_ends_after_its_time_and_the_next_one_is_answered(connected):
    async def work(connection, changed):
        await until(connection, changed, "ready")
        with pytest.raises(Refused) as refused:
            await connection.call("hang", {})
        return refused.value, await connection.call("forecast", {"city": "Rome"})

    refused, text = connected("good", work, CALL_SECONDS=1.0)

    assert (refused.code, "within 1 s" in str(refused)) == ("timeout", True)
    assert text.startswith("Sunny in Rome.")


def test_a_start_that_hangs_ends_after_its_time_and_is_tried_again(connected):
    async def work(connection, changed):
        started = time.monotonic()
        await until(connection, changed, "failed")
        problem, took = connection.listing.problem, time.monotonic() - started
        await until(connection, changed, "starting")
        return problem, took

    problem, took = connected("silent", work, START_SECONDS=1.0, PAUSES_SECONDS=(0.1,))

    assert problem == "It did not answer within 1 s."
    assert took < 10


def test_a_server_that_ends_is_started_again(connected):
    async def work(connection, changed):
        await until(connection, changed, "ready")
        with pytest.raises(Refused, match="broke off during the call"):
            await connection.call("die", {})
        await until(connection, changed, "failed")
        await until(connection, changed, "ready")
        return await connection.call("forecast", {"city": "Rome"})

    assert connected("good", work, PAUSES_SECONDS=(0.1,)).startswith("Sunny in Rome.")
