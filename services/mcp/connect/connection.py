"""The connection to one server: it starts, lists its tools, calls them, and tries again after a failure."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mcp import Client, Implementation, MCPError

from bus.code.version import version
from bus.errors import Refused
from bus.mcp.servers import McpServer
from bus.messages import Values
from services.mcp.connect.address import streams_to
from services.mcp.connect.limits import (
    CALL_SECONDS,
    LARGEST_ARGUMENTS,
    LARGEST_SCHEMA,
    LONGEST_ABOUT,
    LONGEST_ANSWER,
    LONGEST_NAME,
    MOST_PAGES,
    MOST_TOOLS,
    PAUSES_SECONDS,
    START_SECONDS,
)
from services.mcp.connect.program import Broken, Program, Streams

LONGEST_PROBLEM = 300
NO_TOOL = "The server {server} has no tool {tool!r:.80}."
NOT_READY = "The server {server} is not connected, so the tool was not called. {problem}"
BROKEN_OFF = (
    "The server {server} broke off during the call. {problem} Nobody knows whether the tool has done something."
)
SLOW = "The tool did not answer within {seconds:.0f} s. Nobody knows whether it has done something."
CUT = "\n(The answer was longer: {more:,} further characters were left out.)"

State = Literal["starting", "ready", "failed"]


@dataclass(slots=True)
class Listing:
    """What is told of a server."""

    state: State = "starting"
    problem: str = ""
    tools: list[Values] = field(default_factory=list)


class Connection:
    """One server. `on_change` is called when what is told of it has changed."""

    def __init__(self, server: McpServer, logs: Path, on_change: Callable[[], None]) -> None:
        """`logs`: the folder for what a program prints."""
        self.server = server
        self.listing = Listing()
        self._log = logs / f"mcp-{server.name}.log"
        self._on_change = on_change
        self._client: Client | None = None
        self._program: Program | None = None
        self._calling: set[asyncio.Task[str]] = set()

    async def run(self) -> None:
        """Connect, and connect again after each failure, until cancelled."""
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            problem = await self._connected_until_gone()
            lasted = asyncio.get_running_loop().time() - began
            failures = 1 if lasted > max(PAUSES_SECONDS) else failures + 1
            self._tell(Listing("failed", problem[:LONGEST_PROBLEM]))
            await asyncio.sleep(PAUSES_SECONDS[min(failures, len(PAUSES_SECONDS)) - 1])
            self._tell(Listing("starting", problem[:LONGEST_PROBLEM]))

    async def _connected_until_gone(self) -> str:
        """Return why the connection has ended."""
        program = self._program = self._program_of()
        try:
            async with contextlib.AsyncExitStack() as stack:
                async with asyncio.timeout(START_SECONDS):
                    client = await stack.enter_async_context(self._client_over(program))
                    tools = await listed(client)
                self._client = client
                self._tell(Listing("ready", "", tools))
                await (program.gone if program else asyncio.Event()).wait()
        except (Exception, BaseExceptionGroup) as error:
            return (program and program.problem) or why(error)
        finally:
            self._client = None
            for task in self._calling:
                task.cancel()
        return (program and program.problem) or "It ended."

    def _program_of(self) -> Program | None:
        """Return the program to start; None for a server at an address."""
        if not self.server.command:
            return None
        return Program(self.server.command, dict(self.server.environment), self._log)

    def _client_over(self, program: Program | None) -> Client:
        """Return the SDK's client. It is offered nothing: no files, no model of ours, no questions to the user."""
        transport: Any = Transport(program.streams() if program else streams_to(self.server.url))
        about = Implementation(name="pianola", version=version())
        return Client(transport, client_info=about, read_timeout_seconds=CALL_SECONDS, cache=None)

    def _tell(self, listing: Listing) -> None:
        self.listing = listing
        self._on_change()

    async def call(self, tool: str, arguments: Values) -> str:
        """Call a tool; return what it answers. Raises `Refused` with a sentence."""
        client = self._client
        if client is None:
            problem = self.listing.problem or "It is being started."
            raise Refused("failed", NOT_READY.format(server=self.server.name, problem=problem))
        if all(one["name"] != tool for one in self.listing.tools):
            raise Refused("not_found", NO_TOOL.format(server=self.server.name, tool=tool))
        if len(json.dumps(arguments)) > LARGEST_ARGUMENTS:
            raise Refused("too_long", f"The arguments have more than {LARGEST_ARGUMENTS:,} characters.")
        task = asyncio.create_task(answer_of(client, tool, arguments))
        self._calling.add(task)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await task
        except TimeoutError:
            raise Refused("timeout", SLOW.format(seconds=CALL_SECONDS)) from None
        except asyncio.CancelledError:
            if not task.cancelled() or (asyncio.current_task() or task).cancelling():
                raise
            raise self._broken_off() from None
        except Exception as error:
            if self._program and self._program.gone.is_set():
                raise self._broken_off() from None
            raise Refused("failed", f"The tool failed: {why(error)}"[:LONGEST_PROBLEM]) from None
        finally:
            self._calling.discard(task)

    def _broken_off(self) -> Refused:
        problem = self._program.problem if self._program else ""
        return Refused("failed", BROKEN_OFF.format(server=self.server.name, problem=problem)[:LONGEST_PROBLEM])

    def as_values(self) -> Values:
        """Return what is told of it on the bus."""
        told = self.listing
        shown = {"name": self.server.name, "where": self.server.where[:LONGEST_PROBLEM], "file": self.server.file}
        return {**shown, "state": told.state, "problem": told.problem, "tools": told.tools}


class Transport:
    """Streams of messages, as the SDK's client takes them."""

    def __init__(self, streams: contextlib.AbstractAsyncContextManager[Streams]) -> None:
        """`streams`: entered and left with us."""
        self._streams = streams

    async def __aenter__(self) -> Streams:
        """Return them."""
        return await self._streams.__aenter__()

    async def __aexit__(self, *error: Any) -> bool | None:
        """Leave."""
        return await self._streams.__aexit__(*error)


async def listed(client: Client) -> list[Values]:
    """Return the tools of a server, the first ones."""
    found: list[Values] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += [described(one) for one in page.tools if 0 < len(one.name) <= LONGEST_NAME and one.name.isprintable()]
        cursor = page.next_cursor
        if not cursor or len(found) >= MOST_TOOLS:
            break
    return list({one["name"]: one for one in found}.values())[:MOST_TOOLS]


def described(tool: Any) -> Values:
    """Return what is told of a tool."""
    about = " ".join((tool.description or tool.title or "").split())
    about = about if len(about) <= LONGEST_ABOUT else f"{about[:LONGEST_ABOUT]}…"
    schema = tool.input_schema if len(json.dumps(tool.input_schema)) <= LARGEST_SCHEMA else {}
    return {"name": tool.name, "about": about, "schema": schema}


async def answer_of(client: Client, tool: str, arguments: Values) -> str:
    """Return what a tool answers, as text."""
    result = await client.call_tool(tool, arguments, read_timeout_seconds=CALL_SECONDS)
    text = "\n".join(as_text(one) for one in result.content)
    text = text if len(text) <= LONGEST_ANSWER else text[:LONGEST_ANSWER] + CUT.format(more=len(text) - LONGEST_ANSWER)
    if result.is_error:
        raise Broken(text[:LONGEST_PROBLEM] or "it gave no reason")
    return text


def as_text(content: Any) -> str:
    """Return a part of an answer as text; of pictures and the like, what it is."""
    text = getattr(content, "text", None) or getattr(getattr(content, "resource", None), "text", None)
    return text if isinstance(text, str) else f"({content.type}, which cannot be shown)"


def why(error: BaseException) -> str:
    """Return a failure as a sentence."""
    if isinstance(error, BaseExceptionGroup):
        return why(error.exceptions[0])
    if isinstance(error, TimeoutError):
        return f"It did not answer within {START_SECONDS:.0f} s."
    if isinstance(error, Broken | MCPError):
        return str(error)
    return f"{type(error).__name__}: {error}"
