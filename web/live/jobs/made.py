"""Notes in the row of a job that all rows that it made were taken back, whoever did that; or that they are there again.

The history tells which job made a row: the order that stored it is `job-JOB-ATTEMPT-rows`.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any

from apps.core import JOB
from apps.tables import Row
from bus.bus import Bus
from bus.errors import PianolaError
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreChanged, StoreOrder
from bus.store_client import ask_store
from web.store_client import every_row

ORDER = re.compile(r"job-(\d{1,15})-\d+-rows")
SOON_SECONDS = 0.2
"""Facts often come many at a time: they are looked at together, so much later."""
MOST_UNDOS = 4
"""How often an undo may itself have been undone: the first change of such a chain is looked for."""

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


class MadeRows:
    """Follows what becomes of the rows that jobs have made."""

    def __init__(self, bus: Bus, spawn: Spawn) -> None:
        """Reads nothing before a change was undone."""
        self._bus = bus
        self._spawn = spawn
        self._undone: set[int] = set()

    def take(self, fact: StoreChanged) -> None:
        """Take a change; one that takes back another may be about a row that a job made."""
        if not fact.undoes or len(self._undone) == MAX_ANSWER_ROWS:
            return
        if not self._undone:
            asyncio.get_running_loop().call_later(SOON_SECONDS, self._look)
        self._undone.add(fact.undoes)

    def _look(self) -> None:
        undone, self._undone = self._undone, set()
        self._spawn(self._note(undone), "note what became of the rows of jobs")

    async def _note(self, undone: set[int]) -> None:
        try:
            for row in await self._jobs_of(undone):
                await self._note_one(row)
        except PianolaError:  # the store is away; then the button stays, and says that there is nothing to undo
            return

    async def _jobs_of(self, revisions: set[int]) -> list[Row]:
        """Return the jobs that made the rows of these changes, or of those that these changes took back."""
        jobs: set[int] = set()
        for _ in range(MOST_UNDOS):
            if not revisions:
                break
            changes = await every_row(self._bus, "change", {"id": sorted(revisions)})
            jobs |= {int(found[1]) for change in changes if (found := ORDER.fullmatch(change["asked"]))}
            revisions = {change["undoes"] for change in changes if change["undoes"]}
        return await every_row(self._bus, JOB.name, {"id": sorted(jobs)}) if jobs else []

    async def _note_one(self, row: Row) -> None:
        made = await every_row(self._bus, "change", {"id": row["changes"]}) if row["changes"] else []
        is_undone = bool(made) and all(change["undone_by"] for change in made)
        if is_undone == row["undone"]:
            return
        values = {"undone": is_undone}
        await ask_store(
            self._bus, StoreOrder(verb="update", table=JOB.name, id=row["id"], values=values, actor="system")
        )
