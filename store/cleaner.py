"""The cleaner: after something was deleted for good, it removes the last traces from the files.

The table `erasing` says what is still to be done, so it goes on after a crash. A later store, a logger that was away, a
process in the middle of a reaction: nobody has to confirm anything, because the files are cleaned from outside, twice.
"""

import asyncio
import sqlite3
from collections.abc import Callable

from bus.service import Service
from store.file.compact import compact
from store.file.leftovers import blank_logs, clear_snapshots, clear_spool
from store.file.watch import Exchanged, FileWatch
from store.writer import Writer

SETTLE_SECONDS = 2.0
"""Pause before the logs are cleaned again: messages that were on their way are in them by then."""
RETRY_SECONDS = 60.0
"""Pause after the disk was full, or another program read the database."""
DONE = "What was deleted for good is gone from the database file, the logs and the spool."


class Cleaner:
    """Cleans the database file, the logs, the spool and the snapshots."""

    def __init__(self, connection: sqlite3.Connection, writer: Writer, watch: FileWatch, service: Service) -> None:
        """`writer`: holds all orders back while the file is rewritten. `watch`: gives it a new mark then."""
        self._connection = connection
        self._writer = writer
        self._watch = watch
        self._service = service
        self._settings = service.settings
        self._wanted = asyncio.Event()
        self._compacting = asyncio.Lock()
        self._stopped = False
        writer.on_erased = self._wanted.set

    async def run(self) -> None:
        """Clean whenever something was deleted for good; begin with what an earlier run left."""
        while True:
            self._wanted.clear()
            if owed := self._owed():
                await self._clean(owed)
            else:
                await self._wanted.wait()

    async def _clean(self, owed: list[int]) -> None:
        try:
            await self._in_thread(self._clean_files)
            await self._compact()
            await asyncio.sleep(SETTLE_SECONDS)
            await self._in_thread(self._clean_files)
            self._connection.execute("delete from erasing where revision <= ?", [owed[-1]])
        except (sqlite3.Error, OSError, Exchanged) as problem:
            if self._stopped:
                return
            again = f"It is tried again in {RETRY_SECONDS:.0f} s."
            self._service.log(
                "warning", f"what was deleted for good is not gone from all files yet ({problem}). {again}"
            )
            await asyncio.sleep(RETRY_SECONDS)
        else:
            self._service.log("info", DONE)

    def _owed(self) -> list[int]:
        return [revision for (revision,) in self._connection.execute("select revision from erasing order by revision")]

    async def _in_thread(self, work: Callable[[set[str]], None]) -> None:
        streaming = self._connection.execute("select id, attempt from message where state = 'streaming'").fetchall()
        await asyncio.to_thread(work, {f"{key}.{attempt}" for key, attempt in streaming})

    def _clean_files(self, streaming: set[str]) -> None:
        blank_logs(self._settings.logs)
        clear_spool(self._settings.home / "spool", streaming)
        clear_snapshots(self._settings.snapshots)

    async def _compact(self) -> None:
        """Rewrite the file in a thread, so that the process stays alive for the others; orders wait meanwhile."""
        async with self._compacting:
            if self._stopped:
                return
            self._writer.hold()
            try:
                self._watch.check()
                await asyncio.shield(asyncio.to_thread(compact, self._connection))
                self._watch.checkpoint()
            finally:
                self._writer.release()

    async def stop(self) -> None:
        """Break off the work on the database, and wait for that; the next start does it."""
        self._stopped = True
        if self._compacting.locked():
            self._connection.interrupt()
            async with self._compacting:
                pass
