"""`pianola sql QUERY`: a query on a snapshot that the store makes; the database itself is never opened."""

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path

from bus.bus import Bus, new_id
from bus.errors import PianolaError
from bus.messages import StoreBackedUp, StoreBackUp
from bus.settings import Settings, load
from services.cli.bus_probe import check_bus
from services.cli.store_command import offline_environment

GREETING_SECONDS = 10.0
LONGEST_SECONDS = 600.0
"""A large database on a slow disk takes minutes to copy."""
KEPT_SECONDS = 60.0
"""An older snapshot than the newest one is kept so long: another command may be about to open it."""
NAMES = "snapshot-*.db"


class NoSnapshot(PianolaError):
    """The store could not make a snapshot; its reason is the sentence."""


class EmptyQuery(PianolaError):
    """There is nothing to query."""

    def __init__(self) -> None:
        super().__init__('the query is empty. Write it behind the command: pianola sql "select title from todo".')


def run(arguments: argparse.Namespace) -> int:
    """Say how old the data are, and become the process that reads them."""
    settings = load()
    check_bus(settings)
    query = sys.stdin.read() if arguments.query == "-" else arguments.query
    if not query.strip():
        raise EmptyQuery
    file = snapshot(settings, arguments.max_age)
    sys.stderr.write(f"pianola: {described(file)}\n")
    sys.stderr.flush()
    wanted = {
        "file": str(file),
        "query": query,
        "seconds": arguments.seconds,
        "format": arguments.format,
        "limit": arguments.limit,
    }
    # `-P`: no module of the current folder is imported.
    command = [sys.executable, "-P", "-m", "store.query", json.dumps(wanted)]
    os.execve(sys.executable, command, offline_environment(settings))  # noqa: S606 (no shell)


def snapshot(settings: Settings, max_age: float) -> Path:
    """Return the newest snapshot, if it is not older than so many seconds; else have the store make one."""
    settings.snapshots.mkdir(mode=0o700, exist_ok=True)
    newest = max(settings.snapshots.glob(NAMES), key=age_key, default=None)
    if newest and age_of(newest) <= max_age:
        return newest
    file = settings.snapshots / f"snapshot-{time.strftime('%Y%m%d-%H%M%S')}-{new_id()}.db"
    made = asyncio.run(ask(settings, file))
    if not made.ok:
        raise NoSnapshot(made.problem)
    remove_older(settings.snapshots)
    return file


async def ask(settings: Settings, file: Path) -> StoreBackedUp:
    """Order a copy of the database over the bus, and wait for it."""
    bus = Bus("sql", settings, lambda _sentence, _error: None)
    bus.connect()
    try:
        await bus.greet(GREETING_SECONDS)
        made: StoreBackedUp = (await bus.ask(StoreBackUp(file=str(file)), seconds=LONGEST_SECONDS)).message
    finally:
        bus.close()
    return made


def age_key(file: Path) -> float:
    """Return when a snapshot was made (Unix seconds); 0.0 for one that another command has just removed."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def age_of(file: Path) -> float:
    """Return how many seconds ago a snapshot was made."""
    return time.time() - age_key(file)


def remove_older(folder: Path) -> None:
    """Remove all snapshots but the newest, and those that were made a moment ago."""
    for file in sorted(folder.glob(NAMES), key=age_key)[:-1]:
        if age_of(file) > KEPT_SECONDS:
            file.unlink(missing_ok=True)


def described(file: Path) -> str:
    """Return how old a snapshot is, for people."""
    made = age_key(file)
    return f"the data as they were at {time.strftime('%H:%M:%S', time.localtime(made))}, {time.time() - made:.0f} s ago"
