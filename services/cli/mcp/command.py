"""`pianola mcp`: serve the program that started us by the Model Context Protocol; `add`, `list`, `remove`: servers.

The server knows the apps, so `services.mcp` runs it, in place of this process. It is there also while Pianola does not
run: each tool then says how to start it.
"""

import argparse
import json
import os
import sys
from dataclasses import replace

from bus.errors import PianolaError
from bus.mcp.package import NotInstalled, installed
from bus.mcp.servers import MOST_SERVERS, McpServer, made, save_mcp, servers_in
from bus.message_line import safe
from bus.settings import Settings, load
from bus.text.console import print_line
from services.cli.store_command import offline_environment

NONE = "There are no servers of tools. `pianola mcp add NAME COMMAND …` or `pianola mcp add NAME URL` adds one."
ADDED = "The assistant may use the tools of {name} from now on: it asks you before each call, until you allow a tool."
SCHEMES = ("http://", "https://")


class BadServer(PianolaError):
    """A server cannot be added or removed."""


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked for; without a word: become the server."""
    actions = {"add": add, "list": show, "remove": remove}
    return actions[arguments.action](arguments) if arguments.action else serve(arguments)


def serve(arguments: argparse.Namespace) -> int:
    """Become the server for the program that started us."""
    if not installed():
        raise NotInstalled
    tables = [one.strip() for one in arguments.tables.split(",") if one.strip()]
    given = json.dumps({"read_only": arguments.read_only, "tables": tables})
    sys.stdout.flush()
    command = [sys.executable, "-P", "-m", "services.mcp.stdio", given]
    os.execve(sys.executable, command, offline_environment(load()))  # noqa: S606 (no shell)


def add(arguments: argparse.Namespace) -> int:
    """Add a server; the process `mcp` connects to it within seconds."""
    settings = load()
    server = made(arguments.name, table_of(arguments))
    kept = servers_in(settings.mcp_file)
    if any(one.name == server.name for one in (*kept, *settings.mcp)):
        way_out = f"Remove it first (`pianola mcp remove {server.name}`), or choose another name."
        raise BadServer(f"there is a server {server.name} already. {way_out}")
    if len(kept) >= MOST_SERVERS:
        raise BadServer(f"there are {len(kept)} servers, and more are not used. Remove some.")
    save_mcp(settings.mcp_file, [*kept, replace(server, file=settings.mcp_file.name)])
    print_line(ADDED.format(name=server.name))
    if not installed():
        print_line(f"But {NotInstalled()}")
    return 0


def table_of(arguments: argparse.Namespace) -> dict[str, object]:
    """Return what the words of the command line say of a server."""
    words = arguments.words[1:] if arguments.words[:1] == ["--"] else arguments.words
    if not words:
        raise BadServer("write the server's command, or its address: pianola mcp add weather http://127.0.0.1:8080/mcp")
    if len(words) == 1 and words[0].startswith(SCHEMES):
        return {"url": words[0]}
    pairs = [one.partition("=") for one in arguments.environment]
    if wrong := [name for name, sign, _ in pairs if not sign or not name]:
        raise BadServer(f"{wrong[0]!r:.60} sets no variable. Write --environment NAME=VALUE.")
    return {"command": words, "environment": {name: value for name, _, value in pairs}}


def show(arguments: argparse.Namespace) -> int:
    """Print the servers, those of `pianola.toml` too."""
    servers = every(load())
    if arguments.json:
        told = [{"name": one.name, "command": list(one.command), "url": one.url, "file": one.file} for one in servers]
        print_line(json.dumps(told, indent=2))
        return 0
    print_line("\n".join(f"{one.name:<20}{one.file:<16}{safe(one.where)}" for one in servers) or NONE)
    return 0


def every(settings: Settings) -> list[McpServer]:
    """Return all servers, those of the user's own file first."""
    own = {one.name for one in settings.mcp}
    return [*settings.mcp, *(one for one in servers_in(settings.mcp_file) if one.name not in own)]


def remove(arguments: argparse.Namespace) -> int:
    """Remove a server that was added; one in `pianola.toml` belongs to the user."""
    settings = load()
    kept = servers_in(settings.mcp_file)
    if all(one.name != arguments.name for one in kept):
        elsewhere = any(one.name == arguments.name for one in settings.mcp)
        where = f"It stands in {settings.settings_file}: remove it there." if elsewhere else ""
        known = f"Servers: {', '.join(one.name for one in kept) or 'none'}."
        raise BadServer(f"there is no server {arguments.name!r:.60} that was added. {where or known}")
    save_mcp(settings.mcp_file, [one for one in kept if one.name != arguments.name])
    print_line(f"The server {arguments.name} is forgotten.")
    return 0
