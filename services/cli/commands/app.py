"""`pianola app list|enable|disable|remove`: the apps that the user made, by a file or by a declaration."""

import argparse
import asyncio
import json
import subprocess
import sys
from typing import Any

from bus.bus import Bus, new_id
from bus.code.folder import with_code
from bus.errors import PianolaError
from bus.message_line import safe
from bus.messages import StoreOrder
from bus.settings import Settings, load
from bus.store_client import ask_store
from bus.text.console import print_line
from services.cli.bus_probe import check_bus

GREETING_SECONDS = 10.0
MOST_APPS = 1_000
NONE = "There are no apps of your own. `pianola new-app NAME` makes one; so does “New app …” in the page."

App = dict[str, Any]


class NoSuchApp(PianolaError):
    """The user has no app of this name."""

    def __init__(self, name: str, known: list[str]) -> None:
        there = f"Your apps: {', '.join(known)}." if known else "You have made none."
        super().__init__(f"there is no app of your own named {name!r:.60}. {there}")


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked for; return 0, or 3 when there is no such app."""
    settings = load()
    check_bus(settings)
    return asyncio.run(do(settings, arguments))


async def do(settings: Settings, arguments: argparse.Namespace) -> int:
    """Join the bus for one command."""
    bus = Bus("app", settings, lambda sentence, _error: print_line(f"pianola: {sentence}"))
    bus.connect()
    try:
        await bus.greet(GREETING_SECONDS)
        found = await ask_store(bus, StoreOrder(verb="list", table="app", sort="name", limit=MOST_APPS))
        if arguments.action == "list":
            print_line(json.dumps(found.rows, indent=2) if arguments.json else table(found.rows))
            return 0
        app = next((row for row in found.rows if row["name"] == arguments.name), None)
        if app is None:
            raise NoSuchApp(arguments.name, [row["name"] for row in found.rows])
        if arguments.action == "remove":
            return await remove(bus, settings, app)
        return await switch(bus, app, enabled=arguments.action == "enable")
    finally:
        bus.close()


async def switch(bus: Bus, app: App, *, enabled: bool) -> int:
    """Show an app in the page again, or hide it."""
    values = {"enabled": enabled}
    await ask_store(bus, StoreOrder(verb="update", table="app", id=app["id"], values=values), id=new_id())
    done = "is in the page again" if enabled else "is hidden; its rows are kept. `pianola app enable` brings it back"
    print_line(f"The app {app['name']} {done}.")
    return 0


async def remove(bus: Bus, settings: Settings, app: App) -> int:
    """Remove an app. Its file is moved, since this command may not import `apps`, by a process that does."""
    if app["source"] == "file":
        command = [sys.executable, "-P", "-m", "apps.own.remove", str(settings.apps), app["name"]]
        return await asyncio.to_thread(subprocess.call, command, env=with_code())
    await ask_store(bus, StoreOrder(verb="delete", table="app", id=app["id"]), id=new_id())
    print_line(f"The app {app['name']} is removed; its rows are kept. The journal in the page can undo this.")
    return 0


def table(apps: list[App]) -> str:
    """Return the list for people."""
    if not apps:
        return NONE
    lines = [f"{'name':<20}{'from':<13}{'state':<10}what is wrong"]
    for one in apps:
        state = "hidden" if not one["enabled"] else "broken" if one["problem"] and not one["version"] else "on"
        lines.append(f"{safe(one['name']):<20}{one['source']:<13}{state:<10}{safe(one['problem'])}".rstrip())
    return "\n".join(lines)
