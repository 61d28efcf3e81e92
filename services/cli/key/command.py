"""`pianola key add|list|revoke`: the keys of programs that come over HTTP. It needs nothing to run."""

import argparse
import json
import sys
import time
from typing import Any

from bus.clients.file import add_client, read_clients, remove_client
from bus.clients.keys import ClientKey, calendar_address, new_key
from bus.settings import load
from bus.text.console import print_line
from services.cli.key.tables import check_tables
from services.supervise.running import load_running

NONE = "There are no keys. `pianola key add NAME` makes one."


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked for."""
    return {"add": add, "list": show, "revoke": revoke}[arguments.action](arguments)


def add(arguments: argparse.Namespace) -> int:
    """Print a new key, or the calendar's address with it, alone to the standard output, so that a script can use it."""
    key, kept = made(arguments)
    settings = load_running()
    if kept.tables:
        check_tables(settings, kept.tables)
    add_client(settings.clients_file, kept)
    try:
        sys.stdout.write(f"{calendar_address(key, settings.port) if kept.calendar else key}\n")
        sys.stdout.flush()
    except OSError:  # nobody has seen it
        remove_client(settings.clients_file, kept.name)
        raise
    if sys.stdout.isatty():
        print_line(f"This is the only time that it is shown. It {rights(kept)}, until {day(kept.expires)}.")
    return 0


def made(arguments: argparse.Namespace) -> tuple[str, ClientKey]:
    """Return the key that is asked for, and what is kept of it."""
    return new_key(
        arguments.name,
        read_only=arguments.read_only,
        tables=tuple(dict.fromkeys(one.strip() for one in arguments.tables.split(",") if one.strip())),
        days=arguments.days,
        now=time.time(),
        calendar=arguments.calendar,
    )


def show(arguments: argparse.Namespace) -> int:
    """Print the keys."""
    keys = read_clients(load().clients_file)
    now = time.time()
    print_line(json.dumps([as_json(one, now) for one in keys], indent=2) if arguments.json else table(keys, now))
    return 0


def revoke(arguments: argparse.Namespace) -> int:
    """Remove a key."""
    remove_client(load().clients_file, arguments.name)
    print_line(f"The key {arguments.name} opens nothing any more.")
    return 0


def as_json(key: ClientKey, now: float) -> dict[str, Any]:
    """Return what programs are told of a key."""
    shown = {"name": key.name, "read_only": key.read_only, "tables": list(key.tables), "calendar": key.calendar}
    return {**shown, "made": key.made, "expires": key.expires, "valid": key.is_valid(now)}


def table(keys: tuple[ClientKey, ...], now: float) -> str:
    """Return the list for people."""
    if not keys:
        return NONE
    lines = [f"{'name':<22}{'until':<20}what it may do"]
    for one in keys:
        until = day(one.expires) if one.is_valid(now) else "expired"
        lines.append(f"{one.name:<22}{until:<20}{rights(one)}")
    return "\n".join(lines)


def rights(key: ClientKey) -> str:
    """Return what a key may do, in words."""
    tables = ", ".join(key.tables)
    if key.calendar:
        return f"shows what is due in {tables or 'all apps'} as a calendar"
    return f"{'reads' if key.read_only else 'reads and writes'} {tables or 'the rows of all apps'}"


def day(moment: float) -> str:
    """Return a time (Unix seconds) as local date and time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))
