"""Carry out `job.run` and `job.cancel`, each once, and answer them.

An order that comes again gets the same answer: from memory, or, after a restart, because the store knows the order
that it became.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from apps.core import JOB_ACTIVE
from apps.tables import Row
from bus.bus import ANSWER_SECONDS, Bus
from bus.errors import NoAnswer, Refused
from bus.messages import JobAnswered, JobCancel, JobRun, StoreAnswer, StoreOrder
from bus.store_client import ask_store
from bus.wire import Envelope
from services.jobs.queue import Queue
from services.jobs.rows import JobRows, changing, default_title, derived_id

MOST_REMEMBERED = 1_000
"""Answers that are remembered, the newest."""

CarryOut = Callable[[Envelope], Awaitable[int]]


class Orders:
    """Carries out what others order of jobs."""

    def __init__(self, bus: Bus, rows: JobRows, queue: Queue) -> None:
        """`queue`: runs what is stored here."""
        self._bus = bus
        self._rows = rows
        self._queue = queue
        self._answers: dict[str, asyncio.Future[JobAnswered]] = {}

    async def run_asked(self, heard: Envelope) -> None:
        """Store a job, or let one go on; it starts when the fact is heard."""
        await self._answer(heard, self._again if heard.message.again else self._insert)

    async def cancel_asked(self, heard: Envelope) -> None:
        """End a job, or let it pause."""
        await self._answer(heard, self._pause if heard.message.pause else self._cancel)

    async def _answer(self, heard: Envelope, carry_out: CarryOut) -> None:
        id = heard.header.id  # noqa: A001 (the header's)
        if id not in self._answers:
            self._answers[id] = asyncio.ensure_future(self._outcome(heard, carry_out))
            if len(self._answers) > MOST_REMEMBERED:
                del self._answers[next(iter(self._answers))]
        try:
            answer = await asyncio.shield(self._answers[id])
        except NoAnswer:  # its asker waits no longer, either
            self._answers.pop(id, None)
            raise
        self._bus.say(answer, heard.key, cause=id)

    async def _outcome(self, heard: Envelope, carry_out: CarryOut) -> JobAnswered:
        try:
            return JobAnswered(ok=True, job=await carry_out(heard))
        except Refused as refused:
            return JobAnswered(ok=False, error={"code": refused.code, "message": str(refused)})

    # --- run ---

    async def _insert(self, heard: Envelope) -> int:
        order: JobRun = heard.message
        values: Row = {"app": order.app, "job": order.job, "arguments": order.arguments, "profile": order.profile}
        values |= {"title": order.title or default_title(order.app, order.job), "cause": heard.header.id}
        insert = StoreOrder(verb="insert", table="job", values=values, actor=order.actor)
        return int((await self._ask(insert, heard)).rows[0]["id"])

    async def _again(self, heard: Envelope) -> int:
        order: JobRun = heard.message
        row = await self._rows.get(order.again)
        if await self._is_done(order.again, heard):
            return order.again
        if row["state"] in (*JOB_ACTIVE, "done"):
            problem = f"The job {row['title']!r:.80} is {row['state']}: only one that ended early can go on."
            raise Refused("conflict", problem)
        values: Row = {"state": "waiting", "attempt": row["attempt"] + 1, "problem": "", "ended": 0}
        values["cause"] = heard.header.id
        if not self._queue.has_checkpoint(order.again):
            values |= {"done": 0, "total": 0, "note": ""}
        await self._change(row, values, heard)
        return order.again

    # --- cancel and pause ---

    async def _cancel(self, heard: Envelope) -> int:
        order: JobCancel = heard.message
        async with self._queue.not_ending(order.job):
            row = await self._rows.get(order.job)
            if row["state"] == "cancelled" or await self._is_done(order.job, heard):
                return order.job
            if row["state"] not in (*JOB_ACTIVE, "paused"):
                raise Refused("conflict", f"The job {row['title']!r:.80} is {row['state']} already.")
            values = {"state": "cancelled", "ended": time.time(), **self._queue.place(order.job)}
            await self._change(row, values, heard)
            self._queue.end(order.job)
            self._rows.say(row | values)
        return order.job

    async def _pause(self, heard: Envelope) -> int:
        order: JobCancel = heard.message
        await self._queue.until_known(order.job)
        row = await self._rows.get(order.job)
        title = f"The job {row['title']!r:.80}"
        if row["state"] == "paused" or await self._is_done(order.job, heard):
            return order.job
        if row["state"] not in JOB_ACTIVE:
            raise Refused("conflict", f"{title} is {row['state']} already.")
        if row["state"] == "waiting":
            values = {"state": "paused", "ended": time.time()}
            await self._change(row, values, heard)
            self._rows.say(row | values)
        elif not self._queue.pause(order.job):
            raise Refused("conflict", f"{title} saves no checkpoints, so it cannot pause. Wait for it, or cancel it.")
        return order.job

    # --- the store ---

    async def _is_done(self, job: int, heard: Envelope) -> bool:
        """Return whether an earlier run of this process has carried out the order."""
        return await self._rows.was_asked(job, derived_id(heard.header.id))

    async def _change(self, row: Row, values: Row, heard: Envelope) -> None:
        try:
            await self._ask(changing(row, values, heard.message.actor), heard)
        except Refused as refused:
            if refused.code != "conflict":
                raise
            now = (await self._rows.get(row["id"]))["state"]
            raise Refused(
                "conflict", f"The job {row['title']!r:.80} is {now} now. Look at it, then try again."
            ) from None

    async def _ask(self, order: StoreOrder, heard: Envelope) -> StoreAnswer:
        """Ask the store no longer than the asker waits: nothing starts after it was told that nothing will."""
        id, until = heard.header.id, heard.header.until  # noqa: A001 (the header's)
        seconds = max(0.01, until - time.time()) if until else ANSWER_SECONDS
        return await ask_store(self._bus, order, cause=id, id=derived_id(id), seconds=seconds)
