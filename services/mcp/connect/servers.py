"""All servers: those in the two files, read again when these change. And the calls of the agent, each at most once."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from bus.errors import BadSetting, Refused
from bus.mcp.servers import McpServer, merged, servers_in
from bus.messages import McpAnswered, McpCall, McpListed
from bus.service import Service
from bus.wire import Envelope
from services.mcp.connect.connection import Connection

LOOK_SECONDS = 1.0
"""Time between two looks at the files."""
MOST_REMEMBERED = 500
"""Calls that are remembered, the newest."""
MOST_AT_ONCE = 8
"""Calls that run at the same time."""
UNKNOWN = "Pianola's process for tools ended during the call. Nobody knows whether the tool has done something."
BUSY = f"{MOST_AT_ONCE} tools are being called already. Try again when one has answered."

State = tuple[int, int] | None


class Servers:
    """The connections, and what is said of them on the bus."""

    def __init__(self, service: Service) -> None:
        """Nothing is connected before `run`."""
        self._service = service
        self._files = (service.settings.settings_file, service.settings.mcp_file)
        self._connections: dict[str, tuple[Connection, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Keep the connections as the files say, until cancelled; then end all of them."""
        seen: tuple[State, ...] | None = None
        try:
            while True:
                found = tuple(map(state_of, self._files))
                if found != seen:
                    seen = found
                    await self._take_files()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await asyncio.gather(*(self._end(name) for name in list(self._connections)))

    async def _take_files(self) -> None:
        try:
            wanted = {one.name: one for one in merged(*map(servers_in, self._files))}
        except BadSetting as problem:
            self._service.log("warning", f"{problem} Until then the servers of tools stay as they are.")
            return
        for name, (connection, _) in list(self._connections.items()):
            if wanted.get(name) != connection.server:
                await self._end(name)
        for name, server in wanted.items():
            if name not in self._connections:
                self._begin(server)
        self.tell()

    def _begin(self, server: McpServer) -> None:
        connection = Connection(server, self._service.settings.logs, self.tell)
        task = self._service.spawn(connection.run(), f"server {server.name}")
        self._connections[server.name] = connection, task

    async def _end(self, name: str) -> None:
        _, task = self._connections.pop(name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def tell(self) -> None:
        """Say which servers and tools there are."""
        if self._service.bus.connected:
            self._service.bus.say(McpListed(servers=[one.as_values() for one, _ in self._connections.values()]))

    async def call(self, order: McpCall) -> str:
        """Call a tool; return what it answers. Raises `Refused`."""
        found = self._connections.get(order.server)
        if found is None:
            known = ", ".join(self._connections) or "none"
            raise Refused("not_found", f"There is no server {order.server!r:.40}. There is: {known}.")
        return await found[0].call(order.tool, order.arguments)


class Calls:
    """Carries out `mcp.call`, each at most once, also over a crash: a call is noted in a file before it is made."""

    def __init__(self, service: Service, call: Callable[[McpCall], Awaitable[str]]) -> None:
        """`call`: makes it."""
        self._bus = service.bus
        self._call = call
        self._notes = Notes(service.settings.run / "mcp.calls")
        self._answers: dict[str, asyncio.Future[McpAnswered]] = {}

    async def asked(self, heard: Envelope) -> None:
        """Answer an order; one that comes again gets the same answer."""
        id = heard.header.id  # noqa: A001 (the header's)
        if id not in self._answers:
            self._answers[id] = asyncio.ensure_future(self._outcome(heard))
            if len(self._answers) > MOST_REMEMBERED:
                del self._answers[next(iter(self._answers))]
        self._bus.say(await asyncio.shield(self._answers[id]), heard.key, cause=id)

    async def _outcome(self, heard: Envelope) -> McpAnswered:
        try:
            return McpAnswered(ok=True, text=await self._made(heard))
        except Refused as refused:
            return McpAnswered(ok=False, error={"code": refused.code, "message": str(refused)})

    async def _made(self, heard: Envelope) -> str:
        if sum(not one.done() for one in self._answers.values()) > MOST_AT_ONCE:
            raise Refused("busy", BUSY)
        if not self._notes.add(heard.header.id):
            raise Refused("unknown", UNKNOWN)
        return await self._call(heard.message)


class Notes:
    """The ids of the calls that were begun, in a file."""

    def __init__(self, file: Path) -> None:
        """`file`: of this run of Pianola; it may be missing."""
        self._file = file
        self._known = set(file.read_text(encoding="utf-8").splitlines()) if file.exists() else set()

    def add(self, id: str) -> bool:  # noqa: A002 (the header's)
        """Note a call; return False if it was begun before."""
        if id in self._known:
            return False
        self._known.add(id)
        with os.fdopen(
            os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        ) as file:
            file.write(f"{id}\n")
        return True


def state_of(file: Path) -> State:
    """Return what changes when a file does; None if there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
