"""Which jobs wait and which run: starts each in its turn, follows it, and stores how it ended."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from apps.core import JOB_ACTIVE
from apps.tables import Row
from apps.work.made_files import made_files
from bus.errors import BadMessage, Refused
from bus.messages import ServiceChanged, StoreChanged
from bus.service import Service
from bus.wire import Envelope
from services.jobs.chosen import Chosen
from services.jobs.folder import JobFolder
from services.jobs.rows import JobRows, default_title
from services.jobs.run import Run

MOST_READ = 1_000
"""Waiting jobs that are known at once; the others are read when these have started."""
GONE = ("conflict", "not_found")
"""Codes of the store: the job was cancelled or deleted meanwhile."""


class Queue:
    """The jobs that wait or run."""

    def __init__(self, service: Service, rows: JobRows, chosen: Chosen) -> None:
        """Hears nothing by itself. `chosen`: how many jobs may run, and how much memory each has."""
        self._service = service
        self._settings = service.settings
        self._rows = rows
        self._chosen = chosen
        self._waiting: dict[int, Row] = {}
        self._runs: dict[int, Run] = {}
        self._finished: dict[int, int] = {}
        """Job to its newest attempt whose end we have stored: an older fact or row must not start it again."""
        self._store_run = ""
        self._reading = self._read_again = False
        self._unread = False
        """More jobs wait than were read."""

    # --- what the store says ---

    def row_changed(self, heard: Envelope) -> None:
        """Start what waits, and end what was cancelled or deleted."""
        fact: StoreChanged = heard.message
        key = int(fact.id)
        state = fact.row.get("state", "")
        if state == "waiting":
            self._enqueue(fact.row)
        elif state == "running":
            if not self._is_known(fact.row):
                self.read_again()
        else:
            self.end(key)
        self._start_waiting()
        if key in self._waiting:
            self._rows.say(fact.row)

    def setting_changed(self, heard: Envelope) -> None:
        """Take over what the user has chosen; more jobs may run now."""
        self._chosen.changed(heard)
        self._start_waiting()

    def _is_known(self, row: Row) -> bool:
        """Return whether this attempt runs here, or has run here to its end. One that was told to end may go on."""
        run = self._runs.get(row["id"])
        newest = max(run.row["attempt"] if run and not run.ended else 0, self._finished.get(row["id"], 0))
        return bool(newest >= row["attempt"])

    def _enqueue(self, row: Row) -> None:
        if self._is_known(row):
            return
        if len(self._waiting) < MOST_READ:
            self._waiting[row["id"]] = row
        else:
            self._unread = True

    def tell_again(self, _heard: Envelope) -> None:
        """Say how far each job is: who asks has begun to listen just now, or may have missed it."""
        for run in self._runs.values():
            self._rows.say(run.row)

    def store_heard(self, heard: Envelope) -> None:
        """Read the jobs again when the store has started again: what it said last may not have come."""
        message: ServiceChanged = heard.message
        if message.state == "ready" and message.run != self._store_run:
            if self._store_run:
                self.read_again()
            self._store_run = message.run

    def read_again(self) -> None:
        """Read the jobs: at the start, and whenever facts may have been missed."""
        self._read_again = True
        if not self._reading:
            self._reading = True
            self._service.attempt(self._read_until_quiet(), "read jobs")

    async def _read_until_quiet(self) -> None:
        try:
            while self._read_again:
                self._read_again = False
                await self._read()
        finally:
            self._reading = False

    async def _read(self) -> None:
        await self._chosen.read()
        known = set(self._runs)
        rows = await self._rows.active(JOB_ACTIVE, MOST_READ)
        active = {row["id"] for row in rows}
        self._unread = len(rows) == MOST_READ
        if not self._unread:
            for key in [*known, *self._waiting]:
                if key not in active:
                    self.end(key)
        for row in sorted(rows, key=lambda row: row["state"] != "running"):
            self._enqueue(row)
        self._start_waiting()

    # --- what others order ---

    def has_checkpoint(self, job: int) -> bool:
        """Return whether a job has saved a checkpoint."""
        return bool(JobFolder(self._settings.jobs / str(job)).checkpoint())

    def place(self, job: int) -> Row:
        """Return how far a job is that runs, as values of its row."""
        run = self._runs.get(job)
        return {name: run.row[name] for name in ("done", "total", "note")} if run else {}

    @asynccontextmanager
    async def not_ending(self, job: int) -> AsyncIterator[None]:
        """Wait while the end of a job is being stored, and let no end be stored meanwhile."""
        run = self._runs.get(job)
        if run is None:
            yield
        else:
            async with run.storing:
                yield

    def pause(self, job: int) -> bool:
        """Let a running job end at its next checkpoint; return False if it saves none."""
        run = self._runs.get(job)
        if not run or not run.can_pause:
            return False
        self._service.attempt(run.pause(), f"pause job {job}")
        return True

    def end(self, job: int) -> None:
        """End a job's process, or its waiting."""
        self._waiting.pop(job, None)
        run = self._runs.get(job)
        if run and not run.ended:
            run.ended = True
            self._service.attempt(run.end(), f"end job {job}")

    async def until_known(self, job: int) -> None:
        """Wait until the process of a job that runs has said whether it saves checkpoints."""
        if run := self._runs.get(job):
            await run.known.wait()

    async def until_over(self, job: int) -> None:
        """Wait while a job runs."""
        if run := self._runs.get(job):
            await run.over.wait()

    async def stop(self) -> None:
        """End the processes of all jobs: the next run of this process goes on with them."""
        await asyncio.gather(*(run.stop() for run in self._runs.values()))

    # --- one job ---

    def _start_waiting(self) -> None:
        for key in [key for key in self._waiting if key not in self._runs]:
            if len(self._runs) >= self._chosen.jobs_at_once or self._service.stopping:
                return
            self._start(self._waiting.pop(key))
        if self._unread and not self._waiting:
            self.read_again()

    def _start(self, row: Row) -> None:
        settings = replace(self._settings, job_memory_mb=self._chosen.job_memory_mb)
        run = Run(row, self._settings.jobs / str(row["id"]), settings, told=self._rows.say)
        self._runs[row["id"]] = run
        self._service.attempt(self._follow(run), f"job {row['id']}")

    async def _follow(self, run: Run) -> None:
        row = run.row
        try:
            await self._rows.update(row, {"state": "running"}, f"job-{run.id}-running")  # refused if it is not to run
            row["state"] = "running"
            run.recall()
            self._rows.say(row)
            outcome = await run.outcome()
            if outcome and not run.ended:
                async with run.storing:
                    await self._end(run, outcome)
        except Refused as refused:
            if refused.code not in GONE:
                raise
        finally:
            del self._runs[row["id"]]
            run.over.set()
            self._start_waiting()

    async def _end(self, run: Run, outcome: Row) -> None:
        """Store how a job ended."""
        if run.ended:
            return
        row = run.row
        values: Row = {name: row[name] for name in ("done", "total", "note")} | {"ended": time.time()}
        values["files"] = await asyncio.to_thread(made_files, self._settings.jobs / str(row["id"]))
        if run.title and row["title"] == default_title(row["app"], row["job"]):
            values["title"] = run.title
        if "ended" in outcome:
            values |= await self._done(row, outcome["ended"])
        elif "paused" in outcome:
            values["state"] = "paused"
        else:
            values |= {"state": "failed", "problem": outcome["failed"]}
        try:
            await self._rows.update(row, values, f"job-{run.id}-ended")
        except (Refused, BadMessage) as problem:
            if isinstance(problem, Refused) and problem.code in GONE:
                raise
            values = {"state": "failed", "ended": time.time(), "problem": f"Its end could not be stored: {problem}"}
            await self._rows.update(row, values, f"job-{run.id}-failed")
        self._finished[row["id"]] = row["attempt"]
        self._rows.say(row | values)

    async def _done(self, row: Row, ended: Row) -> Row:
        """Store the rows that a job has made, and return what its own row gets."""
        try:
            changes = await self._rows.insert(row, ended["rows"])
        except (Refused, BadMessage) as refused:
            return {"state": "failed", "problem": f"What it made could not be stored: {refused}"}
        return {"state": "done", "result": ended["value"], "changes": changes}
