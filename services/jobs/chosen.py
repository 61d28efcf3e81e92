"""What the user has chosen in the page for the settings of jobs: rows of the table `setting`."""

from typing import Any

from bus.messages import StoreChanged
from bus.settings import Settings, in_force
from bus.store_client import StoreClient
from bus.wire import Envelope

NAMES = ("jobs_at_once", "job_memory_mb")


class Chosen:
    """Knows the values that hold now."""

    def __init__(self, at_start: Settings, store: StoreClient) -> None:
        """`at_start`: what holds where nothing was chosen. `store`: the patient way to the store."""
        self._at_start = at_start
        self._store = store
        self._values: dict[str, Any] = {}

    @property
    def jobs_at_once(self) -> int:
        """How many jobs run at the same time."""
        return int(self._now("jobs_at_once"))

    @property
    def job_memory_mb(self) -> int:
        """Memory that one job may use, in megabytes."""
        return int(self._now("job_memory_mb"))

    def _now(self, name: str) -> Any:
        return in_force(self._at_start, name, self._values.get(name))

    def changed(self, heard: Envelope) -> None:
        """Take over a change of a setting."""
        fact: StoreChanged = heard.message
        if fact.id in NAMES:
            self._values[fact.id] = fact.row.get("value")

    async def read(self) -> None:
        """Read them: before jobs are started, and whenever facts may have been missed."""
        rows = await self._store.list("setting", {"id": list(NAMES)})
        self._values = {row["id"]: row["value"] for row in rows}
