"""One message of the user, one answer: order its row, have it completed, do what it says.

The order id of the row derives from the question (`answer-ID`), so work that is repeated after a crash repeats the same
order, and it takes effect once. Within a conversation one answer follows another.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from apps.tables import Row
from bus.errors import Refused
from bus.messages import StoreOrder
from bus.store_client import StoreClient
from services.agent.act.actions import Actions
from services.agent.act.macros.runs import MacroRuns
from services.agent.prompt.build import PromptBuilder, generation_of
from services.agent.talk.completions import Completions, generate_order_id
from services.agent.talk.drafts import Drafts, drafts_of
from services.agent.talk.keyed_lock import KeyedLock
from services.agent.talk.memory.remembering import Remembering
from services.agent.talk.priority import Priority
from services.agent.talk.summaries import Summaries
from services.agent.talk.titles import Titles
from services.agent.talk.waiting.idle import Idle

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


class Answers:
    """The answers to the user's questions that are being given, or wait for their turn."""

    def __init__(
        self,
        store_client: StoreClient,
        *,
        prompt_builder: PromptBuilder,
        actions: Actions,
        macros: MacroRuns,
        completions: Completions,
        summaries: Summaries,
        titles: Titles,
        remembering: Remembering,
        priority: Priority,
        spawn: Spawn,
    ) -> None:
        """Nothing is answered before `question` or `again`. `spawn`: runs a task that is watched."""
        self._store_client = store_client
        self._prompt_builder = prompt_builder
        self._actions = actions
        self._macros = macros
        self._completions = completions
        self._summaries = summaries
        self._titles = titles
        self._remembering = remembering
        self._spawn = spawn
        self._priority = priority
        self._drafts = Drafts(store_client)
        self.idle = Idle()
        """In which conversations answers are being given."""
        self._conversation_lock = KeyedLock()
        self._in_progress: set[str] = set()
        """Names of questions and generations."""
        self._performing: set[str] = set()
        """Names of generations."""

    async def question(self, question: Row, cause: str, *, recovered: bool = False) -> None:
        """Answer a message of the user. `recovered`: its answer may have been ordered before a crash, and be over."""
        name = f"question-{question['id']}"
        await self._once(name, question["conversation"], self._answer(question, cause, recovered))

    async def again(self, row: Row, cause: str) -> None:
        """Generate for a row that is in state streaming: a retry, a continuation, or one found at the start."""
        await self._once(generation_of(row), row["conversation"], self._in_turn(row, cause))

    async def _once(self, name: str, conversation: int, work: Coroutine[Any, Any, None]) -> None:
        """Run the work, unless the same is in progress already."""
        if name in self._in_progress:
            work.close()
            return
        self._in_progress.add(name)
        try:
            with self._priority.question(), self.idle.answering(conversation):
                await work
        except Refused as refused:  # the row was deleted or changed meanwhile: nobody waits for this answer any more
            if refused.code not in ("not_found", "conflict"):
                raise
        finally:
            self._in_progress.discard(name)

    async def _answer(self, question: Row, cause: str, recovered: bool) -> None:
        values = {
            "conversation": question["conversation"],
            "role": "assistant",
            "state": "streaming",
            "reply_to": question["id"],
            "attempt": 1,
            "detail": drafts_of(question) or None,
        }
        order = StoreOrder(verb="insert", table="message", values=values, actor="model")
        answer, _ = await asyncio.gather(
            self._store_client.ask(order, cause=cause, id=f"answer-{question['id']}"),
            self._prompt_builder.situation(question["conversation"]),  # read what the prompt needs at the same time
        )
        row = answer.rows[0]
        if recovered and not await self._is_streaming(row):
            return
        if generation_of(row) not in self._in_progress:
            self._in_progress.add(generation_of(row))
            try:
                await self._in_turn(row, cause)
            finally:
                self._in_progress.discard(generation_of(row))

    async def _is_streaming(self, row: Row) -> bool:
        found = await self._store_client.list("message", {"id": row["id"], "state": "streaming"})
        return bool(found)

    async def _in_turn(self, row: Row, cause: str) -> None:
        async with self._conversation_lock.of(row["conversation"]):
            await self._complete_all(row, cause)

    async def _complete_all(self, row: Row, cause: str) -> None:
        """Complete the answer, do what it says, and go on with a further step as long as there is one.

        A question that names a macro is answered by running it.
        """
        if await self._macros.answer(row):
            return
        step: Row | None = row
        while step:
            written = await self._remembering.complete(step)
            ended, ending = written or await self._completions.complete(step, cause)
            cause = generate_order_id(ended)
            step = await self._perform(ended) if ending.proper and ended["state"] == "done" else None
        if ended["state"] == "done":
            await self._summaries.write_if_due(ended)
            self._spawn(self._titles.write_if_due(ended), f"title of {ended['conversation']}")

    async def _perform(self, row: Row) -> Row | None:
        name = generation_of(row)
        self._performing.add(name)
        try:
            return await self.carry_out(row)
        finally:
            self._performing.discard(name)

    async def carry_out(self, row: Row, *, again: bool = False) -> Row | None:
        """Do what a finished reply is for; return the row of the step that follows, if there is one.

        `again`: a part of it may have been done before a crash.
        """
        if drafts_of(row):
            await self._drafts.deliver(row)
            return None
        return await self._actions.perform(row, again=again)

    def is_performing(self, row: Row) -> bool:
        """Return whether the instructions of this reply are being carried out at this moment."""
        return generation_of(row) in self._performing
