"""Deletes, once a day, the changes that the history no longer keeps (`PIANOLA_HISTORY_DAYS`), a few at a time."""

import asyncio
import sqlite3
import time
from collections.abc import Callable

from bus.service import Service
from store.writer import Writer

DAY_SECONDS = 86_400.0
PAUSE_SECONDS = 0.05
"""Between two transactions, so that orders come first."""


async def prune_daily(writer: Writer, service: Service, days: Callable[[], int]) -> None:
    """Prune at the start, and then every day. `days`: returns for how long changes are kept."""
    while True:
        try:
            await prune(writer, time.time() - days() * DAY_SECONDS)
        except sqlite3.Error as problem:  # the disk is full, or another program holds the file
            service.log("warning", f"old changes could not be deleted ({problem}). It is tried again in a day.")
        await asyncio.sleep(DAY_SECONDS)


async def prune(writer: Writer, before: float) -> None:
    """Delete all changes that were made before then (Unix seconds)."""
    more = True
    while more:
        more = writer.forget(before)
        await asyncio.sleep(PAUSE_SECONDS)
