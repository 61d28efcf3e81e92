"""Programs that come by the Model Context Protocol, played by the client of its official SDK."""

import json
import sys
from importlib.util import find_spec

import pytest

from bus.messages import StoreOrder
from tests.support.needs import needs
from tests.support.system import ROOT, System, run_apart

PIANOLA = ["-m", "services.cli.main", "mcp"]


@pytest.fixture(scope="package", autouse=True)
def sdk():
    needs(find_spec("mcp"), "the SDK of MCP is not installed: make mcp")


class Program:
    """A program on this machine: it starts `pianola mcp`, and calls tools."""

    def __init__(self, system, name="editor"):
        self.system, self.name = system, name

    def visit(self, play, *options, mode="legacy"):
        """Let `play` use the SDK's client, which has come."""
        from mcp import Client, Implementation, StdioServerParameters

        async def come():
            arguments = [*PIANOLA, *options]
            server = StdioServerParameters(
                command=sys.executable, args=arguments, env=self.system.environment, cwd=ROOT
            )
            async with Client(server, client_info=Implementation(name=self.name, version="1"), mode=mode) as client:
                return await play(client)

        return run_apart(come())

    def call(self, tool, *options, **arguments):
        """Return what a tool answers: what it did, or the sentence that says why not."""

        async def play(client):
            return answered(await client.call_tool(tool, arguments))

        return self.visit(play, *options)

    def done(self, tool, **arguments):
        """Return the answer of a tool that must not be refused."""
        told = self.call(tool, **arguments)
        assert isinstance(told, dict), told
        return told

    # --- what the store has then ---

    def ask(self, verb, table, **more):
        async def look(guest):
            return (await guest.bus.ask(StoreOrder(verb=verb, table=table, **more), table)).message

        return self.system.visit(look)

    def rows(self, table="todo", **where):
        """Return the rows that match, in the order of their ids."""
        return self.ask("list", table, where=where, sort="id").rows


def answered(result):
    """Return the answer of a tool from its JSON; the sentence, if it was refused."""
    (content,) = result.content
    return content.text if result.is_error else json.loads(content.text)


@pytest.fixture(scope="module")
def system():
    with System() as made:
        made.start("broker", "store", "agent")
        yield made


@pytest.fixture
def program(system):
    """A program, and no todos of earlier tests."""
    made = Program(system)
    made.ask("delete", "todo", where={"id": {"from": 1}})
    return made
