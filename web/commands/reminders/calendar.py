"""The addresses that show calendar programs what is due: make one, revoke one.

An address goes into the tab that asked for it, once, and nowhere else: not into a message of the bus, a log or the
store.
"""

import asyncio
import time

from bus.clients.file import add_client, read_clients, remove_client
from bus.clients.keys import ClientKey, calendar_address, new_key
from web.commands.command import BadCommand, Command
from web.html.parts.dialogs import draw_dialog
from web.html.reminders.calendar_dialog import calendar_dialog, draw_made
from web.live.outbox import Frame

NAME = "calendar"
"""Of the first key; further ones get a number."""


async def ask(command: Command) -> None:
    """Show the dialog."""
    keys = await asyncio.to_thread(calendar_keys, command)
    command.tab.push(Frame(draw_dialog(calendar_dialog(keys, time.time()))))


async def make(command: Command) -> None:
    """Make an address, and show it once."""
    key = await asyncio.to_thread(add, command)
    keys = await asyncio.to_thread(calendar_keys, command)
    address = calendar_address(key, command.hub.process_settings.port)
    command.tab.push(Frame(draw_made(address, keys, time.time())))


async def revoke(command: Command) -> None:
    """Revoke an address: it shows nothing any more."""
    name = command.text("key")
    if name not in [one.name for one in await asyncio.to_thread(calendar_keys, command)]:
        raise BadCommand(f"There is no address {name!r:.60} (any more).")
    await asyncio.to_thread(remove_client, command.hub.process_settings.clients_file, name)
    keys = await asyncio.to_thread(calendar_keys, command)
    command.tab.push(Frame(draw_made("", keys, time.time())))


def calendar_keys(command: Command) -> list[ClientKey]:
    """Return the keys of the calendar."""
    return [one for one in read_clients(command.hub.process_settings.clients_file) if one.calendar]


def add(command: Command) -> str:
    """Add a key; return it."""
    file = command.hub.process_settings.clients_file
    taken = {one.name for one in read_clients(file)}
    name = next(one for one in (NAME, *(f"{NAME}-{number}" for number in range(2, len(taken) + 3))) if one not in taken)
    key, kept = new_key(name, read_only=True, tables=(), now=time.time(), calendar=True)
    add_client(file, kept)
    return key
