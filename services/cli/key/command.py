"""`pianola key add|list|revoke`: the keys of programs that come over HTTP. It needs nothing to run."""

import argparse
import json
import sys
import time
from typing import Any

from bus.clients.file import add_client, read_clients, remove_client
from bus.clients.keys import ClientKey, new_key
from bus.settings import load
from bus.text.console import print_line
from services.cli.key.tables import check_tables

NONE = "There are no keys. `pianola key add NAME` makes one."


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked for."""
    return {"add": add, "list": show, "revoke": revoke}[arguments.action](arguments)


def add(arguments: argparse.Namespace) -> int:
    """Print a new key alone to the standard output, so that a script can use it."""
    tables = tuple(dict.fromkeys(one.strip() for one in arguments.tables.split(",") if one.strip()))
    settings, now = load(), time.time()
    key, kept = new_key(arguments.name, read_only=arguments.read_only, tables=tables, days=arguments.days, now=now)
    if tables:
        check_tables(settings, tables)
    add_client(settings.clients_file, kept)
    print_line(key)
    if sys.stdout.isatty():
        print_line(f"This is the only time that it is shown. It {rights(kept)}, until {day(kept.expires)}.")
    return 0


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
    shown = {"name": key.name, "read_only": key.read_only, "tables": list(key.tables)}
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
    what = "reads" if key.read_only else "reads and writes"
    return f"{what} {', '.join(key.tables) or 'the rows of all apps'}"


def day(moment: float) -> str:
    """Return a time (Unix seconds) as local date and time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))
