"""The rows of jobs in the store: read, changed on a condition, and told to all."""

import hashlib
from typing import Any

from apps.tables import Row
from bus.bus import Bus
from bus.errors import Refused
from bus.messages import JobProgressed, StoreOrder
from bus.store_client import StoreClient

MOST_ROWS = 999
"""Rows that one job may return: they are one change, undone as one."""


class JobRows:
    """The rows of the table `job`."""

    def __init__(self, bus: Bus, store: StoreClient) -> None:
        """`store`: the patient way to the store."""
        self._bus = bus
        self._store = store

    async def get(self, job: int) -> Row:
        """Return a job's row, or raise `Refused`."""
        rows = await self._store.list("job", {"id": job})
        if not rows:
            raise Refused("not_found", f"There is no job {job}. It was deleted.")
        return rows[0]

    async def active(self, states: tuple[str, ...], limit: int) -> list[Row]:
        """Return the oldest jobs in these states."""
        return await self._store.list("job", {"state": list(states)}, sort="id", limit=limit)

    async def was_asked(self, job: int, order: str) -> bool:
        """Return whether the order `order` to the store has changed the job's row."""
        where = {"subject": "job", "row": [job], "asked": order}
        return bool(await self._store.list("change", where, limit=1))

    async def update(self, row: Row, values: Row, id: str) -> None:  # noqa: A002 (the header's)
        """Change a row that still is in the state and attempt that `row` says. Raises `Refused`."""
        await self._store.ask(changing(row, values, "system"), cause=row["cause"], id=id)

    async def insert(self, row: Row, rows: list[Row]) -> list[int]:
        """Store the rows that a job has made, all or none; return the revisions. Raises `Refused`."""
        if not rows:
            return []
        if len(rows) > MOST_ROWS:
            problem = f"It returned {len(rows):,} rows; at most {MOST_ROWS} fit. Write a file into progress.folder."
            raise Refused("too_long", problem)
        orders = [{"verb": "insert", "table": one["table"], "values": one["values"]} for one in rows]
        batch = StoreOrder(verb="batch", table=orders[0]["table"], values={"orders": orders}, actor="app")
        answer = await self._store.ask(batch, cause=row["cause"], id=f"job-{row['id']}-{row['attempt']}-rows")
        return answer.changes

    def say(self, row: Row) -> None:
        """Tell all how far a job is."""
        state: Any = row["state"]
        message = JobProgressed(job=str(row["id"]), done=row["done"], total=row["total"], state=state, note=row["note"])
        self._bus.say(message, row["app"], cause=row["cause"])


def changing(row: Row, values: Row, actor: Any) -> StoreOrder:
    """Return the order that changes a row if it still is in the state and attempt that `row` says."""
    where = {"state": row["state"], "attempt": row["attempt"]}
    return StoreOrder(verb="update", table="job", id=row["id"], values=values, where=where, actor=actor)


def derived_id(order: str) -> str:
    """Return the id of the order to the store that carries out an order of this id: the same one each time."""
    return f"job-order-{hashlib.sha256(order.encode()).hexdigest()[:32]}"


def default_title(app: str, job: str) -> str:
    """Return the title of a job whose own words are not known yet."""
    return f"{app}: {job}"
