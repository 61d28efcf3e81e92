"""Start, end, pause and continue jobs: find the one that is meant, order it of the process `jobs`, keep cards true.

The id of an order derives from the generation and the number of the instruction, so an order that is repeated after a
crash takes effect once. Its changes of the table `job` have it as their cause.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from apps.core import JOB
from apps.tables import Row
from bus.bus import Bus
from bus.errors import NoAnswer, Refused
from bus.messages import JobAnswered, JobCancel, JobRun, StoreOrder
from bus.store_client import StoreClient
from services.agent.act.cards import Place, acted_message, instructions_of, place_of
from services.agent.act.meant import WHICH, fitting, is_over, names_of, why_none, with_name
from services.agent.act.planned import PlannedChange
from services.agent.act.planner import WrongInstruction
from services.agent.act.undo import MAX_CARDS, MAX_CARDS_CAUGHT_UP
from services.agent.limits import MAX_CARD_CHANGES
from services.agent.parse.instructions import Scope, Step
from services.agent.parse.jobs import order_of
from services.agent.state.live_query import LiveQueries

MAX_ENDED = 100
"""Jobs, the newest, among which one is looked for that is named by words."""
PATIENCE = 3
"""How often an order is sent again when `jobs` does not answer; each time waits as long as any order does."""

SILENT = "The process jobs does not answer, so nobody knows whether this was done: look at the page of the jobs."


class SeveralMeant(WrongInstruction):
    """The user's words fit several jobs. Nothing is done, and the user is asked which one is meant."""

    def __init__(self, index: int, rows: Sequence[Row]) -> None:
        super().__init__(index, WHICH.format(jobs=names_of(rows)))


class Jobs:
    """The way from an instruction to the process `jobs`."""

    def __init__(self, bus: Bus, store_client: StoreClient, queries: LiveQueries) -> None:
        """`queries`: has the jobs of the profile in view."""
        self._bus = bus
        self._store_client = store_client
        self._queries = queries

    async def plan(
        self, steps: Iterable[tuple[int, Row, Step]], scope: Scope, done: Mapping[int, int]
    ) -> list[PlannedChange]:
        """Return what is planned, with the row of each job that is meant. `done`: as `done_before` returns it."""
        plan = []
        for index, instruction, step in steps:
            if step.work is None or step.work.job:
                plan.append(PlannedChange(index, instruction, step, {}))
                continue
            known = done.get(index, 0)
            row = await self._meant(step.operation, known or step.work.named, scope, index, done=bool(known))
            order = order_of(step.operation, step.work, scope.profile, row["id"])
            plan.append(PlannedChange(index, instruction, replace(step, order=order), row))
        return plan

    async def done_before(self, place: Place, steps: Iterable[tuple[int, Row, Step]]) -> dict[int, int]:
        """Return the jobs that a reply started or changed before a crash, by the number of the instruction."""
        ids = {order_id(place, step.operation, index): index for index, _, step in steps}
        if not ids:
            return {}
        made = await self._store_client.list("change", {"subject": JOB.name, "cause": list(ids)}, limit=1_000)
        return {ids[one["cause"]]: one["row"] for one in made}

    async def carry_out(self, planned: PlannedChange, place: Place, cause: str, suffix: str = "") -> int:
        """Order it of the process `jobs`; return the id of the job, or raise `Refused`. `suffix`: of the order's id."""
        order = self._order(planned, place)
        for _ in range(PATIENCE):
            try:
                id = order_id(place, planned.step.operation, planned.index, suffix)  # noqa: A001 (the header's)
                heard = await self._bus.ask(order, _app_of(planned), cause=cause, id=id)
            except NoAnswer:
                continue
            answer: JobAnswered = heard.message
            if not answer.ok:
                raise Refused.by(answer.error)
            return answer.job
        raise Refused("busy", SILENT)

    def _order(self, planned: PlannedChange, place: Place) -> JobRun | JobCancel:
        work = planned.step.work
        if work is None or work.job is None:
            return _order_on(planned.step.operation, planned.before["id"])
        arguments = dict(work.arguments or {})
        title, profile = work.job.job.title(arguments), place.profile
        name = work.job.job.name
        return JobRun(app=work.app, job=name, arguments=arguments, title=title, profile=profile, actor="model")

    # --- which job is meant ---

    async def _meant(self, operation: str, named: int | str, scope: Scope, index: int, *, done: bool) -> Row:
        """Return the row of the job that is meant, or raise `WrongInstruction`. `done`: this was done already."""
        where = {"profile": scope.profile}
        if type(named) is int:
            rows = await self._store_client.list(JOB.name, where | {"id": named})
        else:
            rows = await self._store_client.list(JOB.name, where, sort="-id", limit=MAX_ENDED)
            rows = with_name(rows, str(named))
        fit = fitting(operation, rows, time.time())
        if len(fit) == 1 or (rows and done):
            return (fit or rows)[0]
        known = await self._queries.jobs(scope.profile)
        if fit:
            heard = {row["id"]: row for row in known}
            raise SeveralMeant(index, [heard.get(row["id"], row) for row in fit])
        raise WrongInstruction(index, why_none(operation, named, rows, fitting(operation, known, time.time())))


def order_id(place: Place, operation: str, index: int, suffix: str = "") -> str:
    """Return the id of the order to `jobs`: the same whenever it is tried again."""
    return f"{operation}-{place.generation}{suffix}-{index}"


def _order_on(operation: str, job: int) -> JobRun | JobCancel:
    """Return the order about a job that is there."""
    if operation in ("resume", "retry"):
        return JobRun(again=job, actor="model")
    return JobCancel(job=job, pause=operation == "pause", actor="model")


def _app_of(planned: PlannedChange) -> str:
    work = planned.step.work
    return work.app if work and work.job else str(planned.before.get("app", ""))


class JobCards:
    """Keeps the cards of started jobs true: whether the job can still be ended, and which changes it has made."""

    def __init__(self, bus: Bus, store_client: StoreClient) -> None:
        """Keeps no cards in memory: they are in the store."""
        self._bus = bus
        self._store_client = store_client
        self._lock = asyncio.Lock()

    async def changed(self, row: Row, cause: str) -> None:
        """Take a job whose state has changed."""
        async with self._lock:
            for card in await self._cards(MAX_CARDS):
                if (card["detail"] or {}).get("job") == row["id"]:
                    await self._update(card, row, cause)

    async def catch_up(self) -> None:
        """Check the newest cards: their jobs may have ended while facts were missed."""
        async with self._lock:
            cards = {one["detail"]["job"]: one for one in await self._cards(MAX_CARDS_CAUGHT_UP) if job_of(one)}
            if cards:
                for row in await self._store_client.list(JOB.name, {"id": list(cards)}, limit=MAX_CARDS_CAUGHT_UP):
                    await self._update(cards[row["id"]], row, "")

    async def _cards(self, limit: int) -> list[Row]:
        where = {"role": "action", "state": ["applied", "undone"]}
        return await self._store_client.list("message", where, sort="-id", limit=limit)

    async def _update(self, card: Row, row: Row, cause: str) -> None:
        values = after_job(card, row)
        if not values:
            return
        order = StoreOrder(verb="update", table="message", id=card["id"], values=values, actor="model")
        state = f"{row['state']}-{row['attempt']}"
        await self._store_client.ask(order, cause=cause, id=f"job-card-{card['id']}-{state}")
        if values["state"] != card["state"]:
            place = place_of(card)
            for instruction in instructions_of(card):
                self._bus.say(acted_message(place, instruction, values["state"]), place.app, cause=cause)


def job_of(card: Row) -> int:
    """Return the id of the job that a card has started; 0 for none."""
    job = (card["detail"] or {}).get("job")
    return job if type(job) is int else 0


def after_job(card: Row, row: Row) -> Row:
    """Return the card's new values after its job has come to another state; {} if nothing changes. Pure."""
    detail = card["detail"]
    ended = row["state"] if is_over(row["state"]) else ""
    if ended == detail.get("ended", ""):
        return {}
    made = list(row["changes"] or ()) if ended == "done" else []
    made = made if len(made) <= MAX_CARD_CHANGES else []  # then only the page of the jobs can undo them
    changes = {"changes": made, "change": made[-1]} if made else {}
    return {"state": "undone" if ended == "cancelled" else "applied", "detail": detail | {"ended": ended} | changes}
