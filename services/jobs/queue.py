"""All jobs: stores them, starts each in its turn, follows it, and stores how it ended."""

import time
from functools import partial
from typing import Any, Literal, get_args

from apps.core import JOB_ACTIVE
from apps.tables import Row
from bus.errors import Refused
from bus.messages import JobAnswered, JobCancel, JobProgressed, JobRun, StoreChanged, StoreOrder
from bus.service import Service
from bus.store_client import StoreClient
from bus.wire import Envelope
from services.jobs.process import JobProcess

MOST_AT_ONCE = 10
State = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]


class Queue:
    """The jobs that wait or run."""

    def __init__(self, service: Service) -> None:
        """Hears nothing by itself."""
        self._service = service
        self._bus = service.bus
        self._store = StoreClient(service.bus, lambda text: service.log("warning", text))
        self._waiting: dict[int, Row] = {}
        self._running: dict[int, JobProcess] = {}

    # --- orders ---

    async def run_asked(self, heard: Envelope) -> None:
        """Store the job; it starts when the fact is heard."""
        order: JobRun = heard.message
        try:
            job = await (self._again(order, heard.header.id) if order.again else self._insert(order, heard.header.id))
        except Refused as refused:
            self._answer(heard, JobAnswered(ok=False, error={"code": refused.code, "message": str(refused)}))
        else:
            self._answer(heard, JobAnswered(ok=True, job=job))

    async def _insert(self, order: JobRun, cause: str) -> int:
        values: Row = {"app": order.app, "job": order.job, "arguments": order.arguments, "cause": cause}
        values |= {"title": order.title or f"{order.app}: {order.job}", "profile": order.profile}
        insert = StoreOrder(verb="insert", table="job", values=values, actor=order.actor)
        return int((await self._store.ask(insert, cause=cause, id=f"{cause}-row")).rows[0]["id"])

    async def _again(self, order: JobRun, cause: str) -> int:
        row = await self._row(order.again)
        if row["state"] in JOB_ACTIVE or row["state"] == "done":
            raise Refused("conflict", f"The job {row['title']!r:.80} is {row['state']}: only one that ended can go on.")
        values = {"state": "waiting", "attempt": row["attempt"] + 1, "problem": "", "ended": 0, "cause": cause}
        await self._update(row, values, order.actor, cause, f"{cause}-row")
        return order.again

    async def cancel_asked(self, heard: Envelope) -> None:
        """End a job, or let it pause."""
        order: JobCancel = heard.message
        try:
            row = await self._row(order.job)
            await self._cancel(row, order, heard.header.id)
        except Refused as refused:
            self._answer(heard, JobAnswered(ok=False, error={"code": refused.code, "message": str(refused)}))
        else:
            self._answer(heard, JobAnswered(ok=True, job=order.job))

    async def _cancel(self, row: Row, order: JobCancel, cause: str) -> None:
        process = self._running.get(row["id"])
        if order.pause and process:
            process.pause()
        elif row["state"] in (*JOB_ACTIVE, "paused"):
            values = {"state": "paused" if order.pause else "cancelled", "ended": time.time()}
            await self._update(row, values, order.actor, cause, f"{cause}-row")
        elif row["state"] != "cancelled":
            raise Refused("conflict", f"The job {row['title']!r:.80} is {row['state']} already.")

    def _answer(self, heard: Envelope, answer: JobAnswered) -> None:
        self._bus.say(answer, heard.key, cause=heard.header.id)

    # --- rows ---

    async def _row(self, job: int) -> Row:
        rows = await self._store.list("job", {"id": job})
        if not rows:
            raise Refused("not_found", f"There is no job {job}.")
        return rows[0]

    async def _update(self, row: Row, values: Row, actor: Any, cause: str, id: str = "") -> None:  # noqa: A002 (the header's)
        where = {"state": row["state"], "attempt": row["attempt"]}
        order = StoreOrder(verb="update", table="job", id=row["id"], values=values, where=where, actor=actor)
        await self._store.ask(order, cause=cause, id=id)

    def row_changed(self, heard: Envelope) -> None:
        """Start what waits, and end what was cancelled or deleted."""
        fact: StoreChanged = heard.message
        key = int(fact.id)
        if fact.row and fact.row["state"] == "waiting":
            self._waiting[key] = fact.row
        elif not fact.row or fact.row["state"] not in JOB_ACTIVE:
            self._waiting.pop(key, None)
            if process := self._running.get(key):
                self._service.attempt(process.end(), f"end job {key}")
        self._start_waiting()

    async def resume(self) -> None:
        """Take up the jobs that an earlier run of this process left."""
        for row in await self._store.list("job", {"state": list(JOB_ACTIVE)}, limit=1_000):
            if row["id"] not in self._running:
                self._waiting[row["id"]] = row
        self._start_waiting()

    async def stop(self) -> None:
        """End the processes of all jobs: the next run goes on with them."""
        for process in list(self._running.values()):
            await process.end()

    # --- one job ---

    def _start_waiting(self) -> None:
        while self._waiting and len(self._running) < MOST_AT_ONCE:
            key, row = next(iter(self._waiting.items()))
            del self._waiting[key]
            if key not in self._running:
                folder = self._service.settings.jobs / str(key)
                self._running[key] = JobProcess(row, folder, partial(self._progressed, row))
                self._service.attempt(self._follow(row), f"job {key}")

    async def _follow(self, row: Row) -> None:
        process = self._running[row["id"]]
        try:
            await self._update(row, {"state": "running"}, "system", row["cause"])
            row["state"] = "running"
            self._say(row)
            last = await process.run({})
            if not self._service.stopping:
                await self._ended(row, last)
        except Refused as refused:
            if refused.code not in ("conflict", "not_found"):  # else it was cancelled or deleted meanwhile
                raise
        finally:
            del self._running[row["id"]]
            self._start_waiting()

    def _progressed(self, row: Row, said: Row) -> None:
        if "at" in said:
            row["done"], row["total"], row["note"] = said["at"]
            self._say(row)

    async def _ended(self, row: Row, last: Row) -> None:
        values: Row = {"done": row["done"], "total": row["total"], "note": row["note"], "ended": time.time()}
        if "ended" in last:
            changes = await self._store_rows(row, last["ended"]["rows"])
            values |= {"state": "done", "result": last["ended"]["value"], "changes": changes}
        elif "paused" in last:
            values |= {"state": "paused"}
        else:
            values |= {"state": "failed", "problem": last.get("failed", "Its process ended without a word.")}
        await self._update(row, values, "system", row["cause"])
        self._say(row | values)

    async def _store_rows(self, row: Row, rows: list[Row]) -> list[int]:
        if not rows:
            return []
        orders = [{"verb": "insert", **one} for one in rows]
        batch = StoreOrder(verb="batch", table=orders[0]["table"], values={"orders": orders}, actor="app")
        id = f"job-{row['id']}-{row['attempt']}-rows"  # noqa: A001 (the header's)
        return (await self._store.ask(batch, cause=row["cause"], id=id)).changes

    def _say(self, row: Row) -> None:
        state: Any = row["state"] if row["state"] in get_args(State) else "running"
        message = JobProgressed(job=str(row["id"]), done=row["done"], total=row["total"], state=state, note=row["note"])
        self._bus.say(message, row["app"], cause=row["cause"])
