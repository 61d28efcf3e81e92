"""`pianola backup`: make a checked copy of the database, by the store while it runs."""

import argparse
import asyncio
import time
from pathlib import Path

from bus.bus import Bus
from bus.errors import AlreadyRunning, PianolaError
from bus.messages import StoreBackedUp, StoreBackUp
from bus.role import lock_role
from bus.settings import Settings, load
from bus.text.console import print_line
from services.cli.store_command import absolute, run_offline

GREETING_SECONDS = 10.0
LONGEST_SECONDS = 3_600.0
"""A large database on a slow disk takes minutes."""


class NotBackedUp(PianolaError):
    """The store could not make the backup; its reason is the sentence."""


def run(arguments: argparse.Namespace) -> int:
    """Make the backup; return 0, or 3 if it could not be made."""
    settings = load()
    file = absolute(arguments.file)
    if file and Path(file).is_dir():
        file = str(Path(file) / f"pianola-by-hand-{time.strftime('%Y%m%d-%H%M%S')}.db")
    if not store_runs(settings):
        return run_offline(settings, "backup", file)
    made = asyncio.run(ask(settings, file))
    if not made.ok:
        raise NotBackedUp(made.problem)
    print_line(f"Backup made and checked: {made.file} ({made.size / 1e6:.1f} MB)")
    return 0


def store_runs(settings: Settings) -> bool:
    """Return whether a store runs in this home."""
    try:
        lock_role("store", settings.run).close()
    except AlreadyRunning:
        return True
    return False


async def ask(settings: Settings, file: str) -> StoreBackedUp:
    """Order the backup over the bus, and wait for it."""
    bus = Bus("backup", settings, lambda _sentence, _error: None)
    bus.connect()
    try:
        await bus.greet(GREETING_SECONDS)
        made: StoreBackedUp = (await bus.ask(StoreBackUp(file=file), seconds=LONGEST_SECONDS)).message
    finally:
        bus.close()
    return made
