"""One message of the user, one answer: order its row, compose, have it generated, store the end.

Order ids derive from what they are for (`answer-ID`, `end-GENERATION`), so that whoever repeats the work after a crash
repeats the same orders, and they take effect once. Within a conversation one answer follows another.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from apps.tables import Row
from bus.errors import Refused
from bus.messages import StoreAnswer, StoreOrder
from services.agent.act.actions import Actions
from services.agent.prompt.archive import Archive
from services.agent.prompt.build import PromptBuilder, generation_of
from services.agent.state.live_query import LiveQueries
from services.agent.state.paths import Paths
from services.agent.state.store_client import StoreClient
from services.agent.talk.endings import final, is_silent
from services.agent.talk.generations import Ending, Generations
from services.agent.talk.keyed_lock import KeyedLock
from services.agent.talk.summaries import Summaries

MOST_STOPPED = 100
"""Stopped generations that are remembered until their turn; most have ended already when they are stopped."""


def order_id_of_generate(row: Row) -> str:
    """Return the id of the order to generate: the cause of everything that follows from the text."""
    return f"generate-{generation_of(row)}"


class Answers:
    """Everything the assistant is saying, or is to say."""

    def __init__(
        self,
        store_client: StoreClient,
        queries: LiveQueries,
        *,
        prompt_builder: PromptBuilder,
        paths: Paths,
        archive: Archive,
        summaries: Summaries,
        generations: Generations,
        actions: Actions,
    ) -> None:
        """Nothing is said before `question` or `again`."""
        self.on_question: Callable[[], None] = lambda: None
        """Called when the user wants something: remarks give way."""
        self.quiet = asyncio.Event()
        """Set while no question of the user waits for its answer."""
        self.quiet.set()
        self._store_client = store_client
        self._queries = queries
        self._prompt_builder = prompt_builder
        self._paths = paths
        self._archive = archive
        self._summaries = summaries
        self._generations = generations
        self._actions = actions
        self._conversation_lock = KeyedLock()
        self._at_work: set[str] = set()
        self._performing: set[str] = set()
        self._stopped: dict[str, None] = {}
        """Names of generations, the oldest first."""

    # --- what is asked ---

    async def question(self, question: Row, cause: str, *, recovered: bool = False) -> None:
        """Answer a message of the user. `recovered`: the order for the row may be an old one, long since over."""
        name = f"question-{question['id']}"
        await self._work(name, self._answer(question, cause, recovered))

    async def again(self, row: Row, cause: str) -> None:
        """Generate for a row that is in state streaming: a retry, a continuation, or one found at the start."""
        await self._work(generation_of(row), self._in_turn(row, cause))

    def stop(self, name: str) -> None:
        """Remember that the user stopped a generation: it may wait for its turn, or be on its way to us."""
        if name not in self._generations.running:
            self._stopped[name] = None
            while len(self._stopped) > MOST_STOPPED:
                del self._stopped[next(iter(self._stopped))]

    async def _work(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        if name in self._at_work:
            work.close()
            return
        self._at_work.add(name)
        self.quiet.clear()
        self.on_question()
        try:
            await work
        except Refused as refused:  # the row was deleted or changed meanwhile: nobody waits for this answer any more
            if refused.code not in ("not_found", "conflict"):
                raise
        finally:
            self._at_work.discard(name)
            if not self._at_work:
                self.quiet.set()

    async def _answer(self, question: Row, cause: str, recovered: bool) -> None:
        values = {
            "conversation": question["conversation"],
            "role": "assistant",
            "state": "streaming",
            "reply_to": question["id"],
            "attempt": 1,
        }
        order = StoreOrder(verb="insert", table="message", values=values, actor="model")
        ordered = self._store_client.ask(order, cause=cause, id=f"answer-{question['id']}")
        answer, _ = await asyncio.gather(
            ordered, self._prompt_builder.situation(question["conversation"])
        )  # the same round trip
        row = answer.rows[0]
        if recovered and not await self._is_streaming(row):
            return
        if generation_of(row) not in self._at_work:
            self._at_work.add(generation_of(row))
            try:
                await self._in_turn(row, cause)
            finally:
                self._at_work.discard(generation_of(row))

    async def _is_streaming(self, row: Row) -> bool:
        found = await self._store_client.list("message", {"id": row["id"], "state": "streaming"})
        return bool(found)

    async def _in_turn(self, row: Row, cause: str) -> None:
        async with self._conversation_lock.of(row["conversation"]):
            await self._say_all(row, cause)

    async def _say_all(self, row: Row, cause: str) -> None:
        """Say the answer, do what it says, and go on as long as that brings something to read."""
        step: Row | None = row
        while step:
            ended, ending = await self.say(step, cause)
            cause = order_id_of_generate(ended)
            step = await self._perform(ended) if ending.proper and ended["state"] == "done" else None
        if ended["state"] == "done":
            await self._summaries.write(ended, self.say)

    async def _perform(self, row: Row) -> Row | None:
        name = generation_of(row)
        self._performing.add(name)
        try:
            return await self._actions.perform(row)
        finally:
            self._performing.discard(name)

    def is_performing(self, row: Row) -> bool:
        """Return whether what this reply says is being done at this moment."""
        return generation_of(row) in self._performing

    # --- saying it ---

    async def say(self, row: Row, cause: str) -> tuple[Row, Ending]:
        """Generate the text of a row and store the end; return the row as it is then."""
        built = await self._prompt_builder.order(row)
        order = built.order
        if order.generation in self._stopped:
            del self._stopped[order.generation]
            ending = Ending("stopped", "")
        else:
            ending, _ = await asyncio.gather(self._generations.follow(order, cause), self._archive.keep(row, built))
        if ending.unable and built.path != "text":
            await self._paths.unable(order.model or ending.model, ending.unable, order.generation)
            return await self.say(await self._anew(row), order_id_of_generate(row))
        return await self._store(row, final(row, ending, built), silent=is_silent(row, ending)), ending

    async def _anew(self, row: Row) -> Row:
        """Order another attempt: the model could not do what this one asked for."""
        values, where = {"attempt": row["attempt"] + 1}, {"state": "streaming", "attempt": row["attempt"]}
        order = StoreOrder(verb="update", table="message", id=row["id"], values=values, where=where, actor="model")
        answer = await self._store_client.ask(order, cause=order_id_of_generate(row), id=f"anew-{generation_of(row)}")
        return answer.rows[0]

    # --- its end ---

    async def _store(self, row: Row, values: Row, *, silent: bool) -> Row:
        """Store the end of a row's generation, unless the row has gone on to another attempt."""
        name = generation_of(row)
        if silent:
            order = StoreOrder(verb="delete", table="message", id=row["id"], actor="model")
            await self._store_client.ask(order, cause=order_id_of_generate(row), id=f"end-{name}")
            return row
        where = {"state": "streaming", "attempt": row["attempt"]}
        order = StoreOrder(verb="update", table="message", id=row["id"], values=values, where=where, actor="model")
        answer: StoreAnswer = await self._store_client.ask(order, cause=order_id_of_generate(row), id=f"end-{name}")
        ended = answer.rows[0] if answer.rows else row | values
        self._queries.learn("message", ended, answer.revision)
        return ended
