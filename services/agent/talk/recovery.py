"""Find unfinished work in the store and go on with it: at the start, and whenever facts were missed.

The store holds what is intended: rows in state streaming, questions without an answer, proposals that the user agreed
to, and replies whose instructions were not carried out. All of it can be tried again at any time, because the order ids
derive from what the orders are for.
"""

import time
from collections.abc import Callable, Coroutine
from typing import Any

from apps.tables import Row
from bus.bus import Bus
from bus.errors import NoAnswer
from bus.messages import LlmRecall, StoreOrder
from bus.store_client import StoreClient
from services.agent.act.actions import has_instructions
from services.agent.act.wiring import Act
from services.agent.prompt.build import generation_of
from services.agent.state.origins import origin
from services.agent.talk.answers import Answers
from services.agent.talk.completions import Completions, generate_order_id
from services.agent.talk.drafts import drafts_of
from services.agent.talk.generations import Generations
from services.agent.talk.subjects import about_of, gone_rows
from services.agent.talk.waiting.waiting import Waiting

MAX_QUESTIONS = 50
"""Questions, the newest, that are checked for an answer."""
MAX_REPLIES = 20
"""Replies, the newest, that are checked for instructions."""
MAX_REPLY_AGE_SECONDS = 3600.0
"""Instructions of an older reply are not carried out any more."""
RECALL_SECONDS = 5.0
"""How long the worker may take to say whether it knows a generation."""

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


def is_imported(row: Row) -> bool:
    """Return whether a message came with an imported conversation: nobody waits for an answer to it."""
    return bool((row["detail"] or {}).get("imported"))


class Recovery:
    """Looks for unfinished work. Work that is in progress is left alone."""

    def __init__(
        self,
        bus: Bus,
        store_client: StoreClient,
        act: Act,
        *,
        answers: Answers,
        waiting: Waiting,
        completions: Completions,
        generations: Generations,
        spawn: Spawn,
        warn: Callable[[str], None],
    ) -> None:
        """`spawn`: runs a task that is watched. `warn`: gets a sentence about work that could not be finished."""
        self._bus = bus
        self._store_client = store_client
        self._act = act
        self._answers = answers
        self._waiting = waiting
        self._completions = completions
        self._generations = generations
        self._spawn = spawn
        self._warn = warn
        self._running = False
        self._run_again = False

    async def run(self) -> None:
        """Find all unfinished work and go on with it. If this is called while it runs, it runs once more."""
        self._run_again = True
        if self._running:
            return
        self._running = True
        try:
            while self._run_again:
                self._run_again = False
                await self._run_once()
        finally:
            self._running = False

    async def _run_once(self) -> None:
        for recover in (
            self._streaming_rows,
            self._unanswered_questions,
            self._agreed_proposals,
            self._unplayed_replies,
            self._waiting_questions,
            self._act.job_cards.catch_up,
            self._act.undo_tracker.catch_up,
        ):
            await self._guarded(recover())

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Log an error: one piece of unfinished work must not stop the others."""
        try:
            await work
        except Exception as problem:
            self._warn(f"unfinished work could not be continued: {problem}")

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._spawn(self._guarded(work), name)

    async def _streaming_rows(self) -> None:
        rows = await self._store_client.list("message", {"role": "assistant", "state": "streaming"}, limit=1000)
        for row in rows:
            if generation_of(row) in self._generations.running:
                continue
            is_unasked = row["purpose"] in ("comment", "note")
            work = self._end_unasked(row) if is_unasked else self._go_on(row)
            self._begin(work, f"again {generation_of(row)}")

    async def _origin(self, row: Row) -> str:
        return await origin(self._store_client, "message", row["id"])

    async def _go_on(self, row: Row) -> None:
        await self._answers.again(row, await self._origin(row))

    async def _answer(self, question: Row) -> None:
        cause = await self._origin(question)
        await self._act.proposals.decline_amended(question, cause)
        await self._answers.question(question, cause, recovered=True)

    async def _end_unasked(self, row: Row) -> None:
        """Follow a comment or summary to its end if the worker knows it; else delete it: its time has passed.

        A comment about a row that is gone is deleted too.
        """
        order = LlmRecall(generation=generation_of(row))
        try:
            heard = await self._bus.ask(order, row["conversation"], seconds=RECALL_SECONDS)
            known = heard.message.state != "unknown"
        except NoAnswer:
            known = False
        if known and not await gone_rows(self._store_client, about_of(row)):
            await self._completions.complete(row, await self._origin(row))
        else:
            delete = StoreOrder(verb="delete", table="message", id=row["id"], actor="model")
            await self._store_client.ask(delete, id=f"end-{generation_of(row)}")

    async def _unanswered_questions(self) -> None:
        questions = await self._store_client.list("message", {"role": "user"}, sort="-id", limit=MAX_QUESTIONS)
        replies = await self._store_client.list(
            "message", {"role": "assistant", "reply_to": [row["id"] for row in questions]}, limit=1000
        )
        answered = {row["reply_to"] for row in replies}
        for row in reversed(questions):
            if row["id"] not in answered and not is_imported(row):
                self._begin(self._answer(row), f"question {row['id']}")

    async def _agreed_proposals(self) -> None:
        for card in await self._store_client.list("message", {"role": "action", "state": "agreed"}, limit=1000):
            await self._guarded(self._act.proposals.carry_out(card, await self._origin(card)))

    async def _unplayed_replies(self) -> None:
        """Carry out the instructions of finished replies that were not carried out yet."""
        replies = await self._store_client.list(
            "message",
            {"role": "assistant", "state": "done", "purpose": ["chat", "step"], "problem": ""},
            sort="-id",
            limit=MAX_REPLIES,
        )
        for row in replies:
            is_recent = time.time() - row["created"] < MAX_REPLY_AGE_SECONDS
            is_for_more = drafts_of(row) or has_instructions(row)
            if is_recent and not (row["detail"] or {}).get("played") and is_for_more:
                self._begin(self._perform(row), f"reply {row['id']}")

    async def _waiting_questions(self) -> None:
        for conversation in await self._waiting.conversations():
            self._begin(self._waiting.ask_next(conversation), f"waiting in {conversation}")

    async def _perform(self, row: Row) -> None:
        if self._answers.is_performing(row):
            return
        step = await self._answers.carry_out(row, again=True)
        if step and generation_of(step) not in self._generations.running:
            await self._answers.again(step, generate_order_id(row))
