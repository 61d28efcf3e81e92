"""Delete the folders of jobs that nobody can bring back: deleted for good, or unknown to the history as well."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from bus.messages import StoreChanged
from bus.store_client import StoreClient
from bus.wire import Envelope

DAY_SECONDS = 86_400.0


class Cleaner:
    """Looks through the folder of all jobs."""

    def __init__(self, folder: Path, store: StoreClient, until_over: Callable[[int], Awaitable[None]]) -> None:
        """`folder`: holds a folder for each job, named by its id. `until_over`: waits while a job's process runs."""
        self._folder = folder
        self._store = store
        self._until_over = until_over

    async def row_changed(self, heard: Envelope) -> None:
        """Delete the folder of a job that was deleted for good."""
        fact: StoreChanged = heard.message
        if fact.verb == "erase":
            await self._remove(int(fact.id))

    async def run(self) -> None:
        """Look at the start and daily."""
        while True:
            await self.clean()
            await asyncio.sleep(DAY_SECONDS)

    async def clean(self) -> None:
        """Delete each folder whose job is gone, and cannot come back by an undo."""
        names = await asyncio.to_thread(self._names)
        for job in sorted(int(name) for name in names if name.isdecimal()):
            if await self._is_gone(job):
                await self._remove(job)

    def _names(self) -> list[str]:
        return [found.name for found in self._folder.iterdir()] if self._folder.exists() else []

    async def _is_gone(self, job: int) -> bool:
        if await self._store.list("job", {"id": job}):
            return False
        changes = await self._store.list("change", {"subject": "job", "row": [job]}, sort="-id", limit=1)
        return not changes or changes[0]["verb"] == "erase"

    async def _remove(self, job: int) -> None:
        await self._until_over(job)
        await asyncio.to_thread(shutil.rmtree, self._folder / str(job), ignore_errors=True)
