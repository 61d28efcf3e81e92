"""mcp: the door for programs over HTTP, and the servers of tools that the assistant uses. Runs with the extra `mcp`.

It hears mcp.call, and says mcp.listed and mcp.answered. What programs order through it goes to the store. Web forwards
their requests to its socket in the folder `run`.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Generator

import uvicorn

from bus.bus import Bus
from bus.mcp.package import PROCESS, socket_file
from bus.messages import McpCall, ServiceAsked
from bus.service import Service, run
from services.mcp.connect.servers import Calls, Servers
from services.mcp.http import Keys, app_for
from services.mcp.serve.server import Door
from services.mcp.serve.workbench import Workbench

STOP_SECONDS = 1


class HttpServer(uvicorn.Server):
    """Serves at a socket until `stop`; leaves signals to the service."""

    def __init__(self, config: uvicorn.Config) -> None:
        """`config`: the app, and the socket."""
        super().__init__(config)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Close all connections, and end `serve`."""
        self._stopping.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture no signals."""
        yield

    async def main_loop(self) -> None:
        """Wait for `stop`; uvicorn itself would look ten times a second."""
        await self._stopping.wait()


async def serve(service: Service) -> None:
    """Serve programs and connect to servers until told to stop."""

    def log(sentence: str) -> None:
        service.log("warning", sentence)

    async def connect() -> Bus:
        return service.bus

    workbench = Workbench(connect, service.settings.apps, log)
    servers = Servers(service)
    calls = Calls(service, servers.call)
    service.bus.hear(McpCall, calls.asked)
    service.bus.hear(ServiceAsked, lambda _heard: servers.tell())
    service.bus.on_reconnected = workbench.load_again
    file = socket_file(service.settings)
    file.unlink(missing_ok=True)
    app = app_for(Door(workbench, Keys(service.settings.clients_file).access, log))
    config = uvicorn.Config(
        app,
        uds=str(file),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    http = HttpServer(config)
    await service.ready()
    os.umask(0o077)
    connecting = service.spawn(servers.run(), "servers")
    serving = asyncio.create_task(http.serve())
    try:
        await service.stopped()
    finally:
        connecting.cancel()
        http.stop()
        await asyncio.gather(connecting, serving, return_exceptions=True)


def main() -> int:
    """Run until SIGTERM."""
    return run(PROCESS, serve)


if __name__ == "__main__":
    sys.exit(main())
