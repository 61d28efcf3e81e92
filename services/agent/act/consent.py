"""Before which changes of a reply the user is asked, and why.

Asked are: what the user's own words do not support (`grounding/`), deletes, more than a few rows in one answer, changes
in an app that is not open, and an instruction that only repeats one in the user's words or in a row. The setting `ask`
adds all changes ("always"), or lifts deletes, the number of rows and other apps ("never").

Permissions (`permissions/`) say the same about one operation in one app. The stricter one counts: a permission `never`
refuses whatever the setting is; `ask`, or the setting "always", asks; `allow`, or the setting "never", lifts what that
setting lifts. What the user's words do not support is asked in any case.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from apps.core import DEFAULT_ASK, JOB, ONLY_READ, PERMISSION
from apps.known.asked import to_remember
from apps.known.table import MEMORY
from apps.registry import Registry
from apps.tables import Row, Table
from apps.types.reader import reader_from
from apps.work.runs import RUN
from bus.store_client import StoreClient
from services.agent.act.as_said import as_said
from services.agent.act.meant import fitting
from services.agent.act.permissions.rules import ASK, Permissions
from services.agent.act.planned import PlannedChange
from services.agent.grounding.jobs import WHICH, against_order, against_start, speaks_of
from services.agent.grounding.rows import Key
from services.agent.grounding.sentences import (
    Wish,
    asks_for_proposal,
    asks_which,
    claims_a_change,
    completed,
    wish_in,
)
from services.agent.grounding.support import Known, Wanted, reason_against
from services.agent.grounding.words import folded, said, words_of
from services.agent.limits import MAX_CHANGES_WITHOUT_ASKING, MAX_PERMISSIONS
from services.agent.own.amended import proposal_before
from services.agent.own.wanted import wanted_in
from services.agent.parse.instructions import Scope, Step
from services.agent.parse.jobs import AppJob
from services.agent.parse.normalise import SHAPES
from services.agent.parse.reply import quoted_steps
from services.agent.parse.spans import without_instructions
from services.agent.prompt.turns import question_of
from services.agent.state.live_query import LiveQueries
from services.agent.state.wants import READER

DELETES = "A delete is asked first."
MANY = f"More than {MAX_CHANGES_WITHOUT_ASKING} rows in one answer are asked first."
ALWAYS = "You want to be asked before every change."
ELSEWHERE = "It is in another app, which is not open."
NOT_ASKED_TO_PROPOSE = "You did not ask for a proposal."
APP_FIRST = "An app is made or changed only when you agree."
REMEMBER_FIRST = "Something is remembered of you only when you agree."
REPEATED = "The same instruction stands in your words or in a row."
LIFTED = (DELETES, MANY, ELSEWHERE)
"""Reasons to ask that a permission lifts, and the setting "never"."""


@dataclass(frozen=True, slots=True)
class Case:
    """What decides about all changes of a reply. `question`: the user's words, "" if they are not known any more."""

    plan: tuple[PlannedChange, ...]
    """The changes, as the user's words mean them."""
    question: str
    wish: Wish
    known: Known
    setting: object
    """When the user wants to be asked."""
    quoted: list[Step]
    """Instructions that stand in the user's words or in rows."""
    elsewhere: tuple[Table, ...]
    """Tables of apps that are not open."""
    tables: tuple[Table, ...]
    """Tables of the open app."""
    is_many: bool
    """The answer changes more rows than are changed without asking."""
    permissions: Permissions = field(default_factory=Permissions)
    jobs: tuple[AppJob, ...] = ()
    """Long work of the open app."""
    wants_app: bool = False
    """The user's words ask for a new app, or for a change of one."""
    known_jobs: tuple[Row, ...] = ()
    """The newest jobs of the profile in view, if one of the changes is about a job that is there."""
    now: float = 0.0
    """Unix seconds."""

    def jobs_for(self, operation: str) -> list[Row]:
        """Return the jobs that an operation may be about."""
        return fitting(operation, self.known_jobs, self.now)


class Consent:
    """Decides for each planned change whether it is made at once."""

    def __init__(self, store_client: StoreClient, queries: LiveQueries, registry: Registry) -> None:
        """Keeps nothing."""
        self._store_client = store_client
        self._queries = queries
        self._registry = registry

    async def case(self, row: Row, plan: Sequence[PlannedChange], scope: Scope, setting: object) -> Case:
        """Return what decides about the changes of a reply.

        `row`: the reply. `setting`: "always", "never", or "harmful" (the default).
        """
        messages = await self._queries.messages(row["conversation"])
        question = question_of(messages, row)
        wish, known = wish_of(row, messages), await self._known(plan, scope)
        plan = as_said(plan, wish, known)
        return Case(
            plan=tuple(plan),
            question=question["text"] if question else "",
            wish=wish,
            known=known,
            setting=setting,
            quoted=quoted_steps(await self._texts(row, messages, scope), scope),
            elsewhere=scope.elsewhere,
            tables=tuple(table for table in scope.tables if table is not JOB),
            is_many=(row["detail"] or {}).get("changed", 0) + len(plan) > MAX_CHANGES_WITHOUT_ASKING,
            permissions=await self._permissions(scope),
            jobs=scope.jobs,
            wants_app=wants_app(wish, question, messages),
            known_jobs=await self._known_jobs(plan, scope),
            now=time.time(),
        )

    async def _permissions(self, scope: Scope) -> Permissions:
        rows = await self._store_client.list(PERMISSION.name, {"profile": scope.profile}, limit=MAX_PERMISSIONS)
        return Permissions.of(self._registry, rows)

    async def quoted(self, row: Row, scope: Scope) -> list[Step]:
        """Return the instructions that stand in the user's words, in rows that the model was shown, or in answers."""
        messages = await self._queries.messages(row["conversation"])
        return quoted_steps(await self._texts(row, messages, scope), scope)

    async def words(self, row: Row) -> str:
        """Return the user's words behind a reply; "" if they are not known any more."""
        question = question_of(await self._queries.messages(row["conversation"]), row)
        return str(question["text"]) if question else ""

    async def amended(self, row: Row) -> Row | None:
        """Return the card with the proposed app that the user's words behind a reply are about; None for none."""
        messages = await self._queries.messages(row["conversation"])
        question = question_of(messages, row)
        return proposal_before(question, messages) if question else None

    async def _known_jobs(self, plan: Sequence[PlannedChange], scope: Scope) -> tuple[Row, ...]:
        if not any(is_about_a_job(planned) for planned in plan):
            return ()
        return tuple(await self._queries.jobs(scope.profile))

    async def is_claimed(self, row: Row) -> bool:
        """Return whether a reply without instructions says that what the user ordered was done."""
        messages = await self._queries.messages(row["conversation"])
        replies = {one["id"] for one in messages if one["role"] == "assistant" and one["reply_to"] == row["reply_to"]}
        if any(one["role"] == "action" and one["reply_to"] in replies for one in messages):
            return False
        return claims_a_change(row["text"], wish_of(row, messages))

    async def asked_to_open(self, row: Row, app: str, jobs: Sequence[AppJob]) -> bool:
        """Return whether the user's words name an app that the model wants to open, or a job of it."""
        wish = wish_of(row, await self._queries.messages(row["conversation"]))
        words = words_of(f"{wish.orders} {wish.talk}")
        return said(folded(app), words) or any(speaks_of(one.job, words) for one in jobs if one.app == app)

    async def _texts(self, row: Row, messages: list[Row], scope: Scope) -> list[str]:
        """Return the user's words, and the rows that the model was shown."""
        texts = [one["text"] for one in messages if one["role"] == "user"]
        shown_tables = [table for table in scope.tables if table is not JOB]
        tables = [(await self._queries.rows(table, scope.profile))[0] for table in shown_tables]
        tables.append(await self._queries.jobs(scope.profile))
        shown = [value for rows in tables for row in rows for value in row.values() if type(value) is str]
        return [*texts, *shown, (row["detail"] or {}).get("feedback", "")]

    async def _known(self, plan: Sequence[PlannedChange], scope: Scope) -> Known:
        changes = [planned for planned in plan if not planned.step.work and not planned.step.shapes]
        changed_tables = {planned.step.table.name: planned.step.table for planned in changes if planned.step.table}
        tables = {one.name: one for one in scope.tables if not one.read_only and one not in ONLY_READ} | changed_tables
        rows: dict[str, list[Row]] = {}
        for name, table in tables.items():
            seen = {row["id"]: row for row in (await self._queries.rows(table, scope.profile))[0]}
            changed = {one.before["id"]: one.before for one in plan if one.step.table is table and one.before}
            rows[name] = list((seen | changed).values())
        return Known(rows, await self._last_changed(list(changed_tables)), tables)

    async def _last_changed(self, tables: list[str]) -> tuple[str, Key]:
        """Return table and id of the row that was changed last."""
        if not tables:
            return "", 0
        last = await self._store_client.list("change", {"subject": tables}, sort="-id", limit=1)
        return (last[0]["subject"], last[0]["row"]) if last else ("", 0)


def wish_of(row: Row, messages: list[Row]) -> Wish:
    """Return what the question behind a reply orders."""
    question = question_of(messages, row)
    if question is None:
        return Wish("")
    reader = reader_from((question["detail"] or {}).get(READER))
    return replace(_wish_in(question, messages), reader=reader)


def _wish_in(question: Row, messages: list[Row]) -> Wish:
    """Return what a question orders, with the messages before it."""
    amended = next((one for one in messages if one["id"] == (question["detail"] or {}).get("amends")), None)
    if amended:
        return Wish(question["text"], f"{amended['text']}\n{question['text']}")
    spoken = [one for one in messages if one["role"] == "assistant" and one["id"] < question["id"] and one["text"]]
    before = max(spoken, key=lambda one: one["id"], default=None)
    wish = wish_in(question["text"], without_instructions(before["text"]) if before else "")
    return completed(wish, _answered_question(question, messages))


def wants_app(wish: Wish, question: Row | None, messages: list[Row]) -> bool:
    """Return whether the user wants a new app, or another one than was proposed."""
    amends = (question["detail"] or {}).get("amends") if question else None
    card = next((one for one in messages if one["id"] == amends), None)
    return bool(wanted_in(wish.orders)) or is_about_app(card) or _is_about_proposal(question, messages)


def _is_about_proposal(question: Row | None, messages: list[Row]) -> bool:
    return question is not None and proposal_before(question, messages) is not None


def is_about_app(card: Row | None) -> bool:
    """Return whether a card proposes a new app, or a change of one."""
    would = ((card["detail"] or {}).get("would") if card else None) or [{}]
    return would[0].get("operation") in SHAPES


def _answered_question(question: Row, messages: list[Row]) -> str:
    """Return the user's earlier words, if the message asks back which one was meant; else ""."""
    earlier = [one for one in messages if one["id"] < question["id"] and one["purpose"] != "comment"]
    shown = max((one for one in earlier if one["role"] != "user"), key=lambda one: one["id"], default=None)
    said = max((one for one in earlier if one["role"] == "user"), key=lambda one: one["id"], default=None)
    if shown is None or said is None or shown["id"] < said["id"]:
        return ""
    asks = (shown["detail"] or {}).get("asks") == "which" or asks_which(without_instructions(shown["text"]))
    return str(said["text"]) if asks else ""


def reasons_to_ask(plan: Sequence[PlannedChange], case: Case) -> dict[int, str]:
    """Return why the user is asked, by the place of a change in the plan. Others are made at once."""
    reasons = ((place, _reason(planned, case)) for place, planned in enumerate(plan))
    return {place: reason for place, reason in reasons if reason}


def unsupported(planned: PlannedChange, case: Case) -> str:
    """Return why the user's words do not support a change, one sentence; "" if they do."""
    step = planned.step
    if step.table is None or step.order is None or step.shapes or is_memory(step):
        return ""
    if step.work:
        work = step.work
        if work.job is None:
            return against_order(step.operation, planned.before, case.jobs_for(step.operation), case.wish)
        return against_start(work.job.job, work.arguments or {}, case.wish)
    if step.table is RUN and step.operation == "update":
        return "" if asks_for_proposal(case.question) else NOT_ASKED_TO_PROPOSE
    wanted = Wanted(step.operation, step.table, planned.before, step.order.values, planned.condition)
    return reason_against(wanted, case.wish, case.known)


def is_memory(step: Step) -> bool:
    """Return whether a step remembers something of the user. Before, it is looked at whether their words carry it."""
    return step.table is MEMORY and step.operation == "insert"


def is_asked_for(step: Step, question: str) -> bool:
    """Return whether a step remembers the words of the user, who asked for that and nothing else."""
    return step.order is not None and to_remember(question) == step.order.values.get("text")


def is_about_a_job(planned: PlannedChange) -> bool:
    """Return whether a change ends, pauses or continues a job that is there."""
    work = planned.step.work
    return work is not None and work.job is None


def is_never_allowed(planned: PlannedChange, case: Case) -> bool:
    """Return whether the user never lets the assistant make such a change."""
    return case.permissions.rule(planned) == "never"


def several_meant(planned: PlannedChange, case: Case) -> list[Row]:
    """Return the jobs among which the words do not say which one is meant; [] if they do, or for no such change."""
    if not is_about_a_job(planned) or unsupported(planned, case) != WHICH:
        return []
    rows = case.jobs_for(planned.step.operation)
    return rows if len(rows) > 1 else []


def _reason(planned: PlannedChange, case: Case) -> str:
    step = planned.step
    if (planned.source or step) in case.quoted:
        return REPEATED
    if step.shapes:
        return APP_FIRST
    if is_memory(step):
        return "" if is_asked_for(step, case.question) else REMEMBER_FIRST
    if case.setting == "always":
        return ALWAYS
    rule = case.permissions.rule(planned)
    if rule == "ask":
        return ASK.format(kind=case.permissions.words_about(planned))
    if case.setting != "never" and rule != "allow":
        reasons = (
            (DELETES, step.operation == "delete"),
            (ELSEWHERE, _is_elsewhere(step, case)),
            (MANY, case.is_many),
        )
        if reason := next((reason for reason, applies in reasons if applies), ""):
            return reason
    return unsupported(planned, case)


def _is_elsewhere(step: Step, case: Case) -> bool:
    """Return whether a step changes rows of an app that is not open, or starts its job. Any job may be ended."""
    if step.work:
        return step.work.job is not None and step.work.job not in case.jobs
    return step.table in case.elsewhere


def chosen_ask(settings: Row) -> object:
    """Return the setting that says when the user is asked."""
    return settings.get("ask", DEFAULT_ASK)
