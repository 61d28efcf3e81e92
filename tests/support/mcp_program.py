"""A program with an assistant of its own: it comes by the Model Context Protocol, with the client of the SDK."""

import json
import sys
from typing import Any

from bus.messages import StoreAnswer, StoreOrder
from tests.support.system import ROOT, Guest, System, run_apart

PIANOLA = ["-m", "services.cli.main", "mcp"]
Row = dict[str, Any]


class Program:
    """A program on this machine: it starts `pianola mcp`, and calls tools."""

    def __init__(self, system: System, name: str = "editor") -> None:
        self.system, self.name = system, name

    def visit(self, play: Any, *options: str, mode: str = "legacy") -> Any:
        """Let `play` use the SDK's client, which has come."""
        from mcp import Client, Implementation, StdioServerParameters

        async def come() -> Any:
            arguments = [*PIANOLA, *options]
            server = StdioServerParameters(
                command=sys.executable, args=arguments, env=self.system.environment, cwd=ROOT
            )
            async with Client(server, client_info=Implementation(name=self.name, version="1"), mode=mode) as client:
                return await play(client)

        return run_apart(come())

    def call(self, tool: str, *options: str, **arguments: Any) -> Any:
        """Return what a tool answers: what it did, or the sentence that says why not."""

        async def play(client: Any) -> Any:
            return answered(await client.call_tool(tool, arguments))

        return self.visit(play, *options)

    def done(self, tool: str, **arguments: Any) -> Row:
        """Return the answer of a tool that must not be refused."""
        told = self.call(tool, **arguments)
        assert isinstance(told, dict), told
        return told

    # --- what the store has then ---

    def ask(self, verb: Any, table: str, **more: Any) -> StoreAnswer:
        async def look(guest: Guest) -> StoreAnswer:
            return (await guest.bus.ask(StoreOrder(verb=verb, table=table, **more), table)).message

        return self.system.visit(look)

    def rows(self, table: str = "todo", **where: Any) -> list[Row]:
        """Return the rows that match, in the order of their ids."""
        return self.ask("list", table, where=where, sort="id").rows


def answered(result: Any) -> Any:
    """Return the answer of a tool from its JSON; the sentence, if it was refused."""
    (content,) = result.content
    return content.text if result.is_error else json.loads(content.text)
