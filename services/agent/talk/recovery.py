"""Find in the store what was left unfinished, and go on with it: at the start, and whenever facts were missed.

The store holds the intent: rows in state streaming, questions without an answer, proposals agreed to, and replies
whose instructions were not played. All of it can be tried again at any time, because the order ids derive from what
they are for.
"""

import time
from collections.abc import Callable, Coroutine
from typing import Any

from apps.tables import Row
from bus.bus import Bus
from bus.errors import NoAnswer, PianolaError
from bus.messages import LlmRecall, StoreOrder
from services.agent.act.actions import Actions, has_instructions
from services.agent.act.proposals import Proposals
from services.agent.act.undo import UndoTracker
from services.agent.prompt.build import generation_of
from services.agent.state.store_client import StoreClient
from services.agent.talk.answers import Answers, order_id_of_generate
from services.agent.talk.generations import Generations

MOST_QUESTIONS = 50
MOST_REPLIES = 20
STILL_MEANT_SECONDS = 3600.0
"""Instructions of an older reply are not carried out any more."""
RECALL_SECONDS = 5.0

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


class Recovery:
    """Looks for unfinished work; what is in work already is left alone."""

    def __init__(
        self,
        bus: Bus,
        store_client: StoreClient,
        *,
        answers: Answers,
        actions: Actions,
        proposals: Proposals,
        undo_tracker: UndoTracker,
        generations: Generations,
        spawn: Spawn,
        warn: Callable[[str], None],
    ) -> None:
        """`spawn`: runs a task that is watched. `warn`: gets a sentence about what could not be gone on with."""
        self._bus = bus
        self._store_client = store_client
        self._answers = answers
        self._actions = actions
        self._proposals = proposals
        self._undo_tracker = undo_tracker
        self._generations = generations
        self._spawn = spawn
        self._warn = warn
        self._looking = False
        self._again = False

    async def look(self) -> None:
        """Find all of it, and go on with each. A look that is asked for during another one follows it."""
        self._again = True
        if self._looking:
            return
        self._looking = True
        while self._again:
            self._again = False
            for find in (self._streaming, self._questions, self._agreed, self._replies, self._undo_tracker.mend):
                await self._guarded(find())
        self._looking = False

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """What one piece of unfinished work meets must not stop the others."""
        try:
            await work
        except PianolaError as problem:
            self._warn(f"unfinished work could not be gone on with: {problem}")

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._spawn(self._guarded(work), name)

    async def _streaming(self) -> None:
        rows = await self._store_client.list("message", {"role": "assistant", "state": "streaming"}, limit=1000)
        for row in rows:
            if generation_of(row) in self._generations.running:
                continue
            work = self._remark(row) if row["purpose"] in ("comment", "note") else self._answers.again(row, "")
            self._begin(work, f"again {generation_of(row)}")

    async def _remark(self, row: Row) -> None:
        """Follow a remark or note to its end, but do not begin it anew: what it was about is long past."""
        order = LlmRecall(generation=generation_of(row))
        try:
            heard = await self._bus.ask(order, row["conversation"], seconds=RECALL_SECONDS)
            known = heard.message.state != "unknown"
        except NoAnswer:
            known = False
        if known:
            await self._answers.say(row, "")
        else:
            doomed = StoreOrder(verb="delete", table="message", id=row["id"], actor="model")
            await self._store_client.ask(doomed, id=f"end-{generation_of(row)}")

    async def _questions(self) -> None:
        asked = await self._store_client.list("message", {"role": "user"}, sort="-id", limit=MOST_QUESTIONS)
        replies = await self._store_client.list(
            "message", {"role": "assistant", "reply_to": [row["id"] for row in asked]}, limit=1000
        )
        answered = {row["reply_to"] for row in replies}
        for row in reversed(asked):
            if row["id"] not in answered:
                await self._proposals.amended(row, "")
                self._begin(self._answers.question(row, "", recovered=True), f"question {row['id']}")

    async def _agreed(self) -> None:
        for entry in await self._store_client.list("message", {"role": "action", "state": "agreed"}, limit=1000):
            await self._proposals.agreed(entry, "")

    async def _replies(self) -> None:
        """Carry out what a finished reply says and has not been played."""
        replies = await self._store_client.list(
            "message",
            {"role": "assistant", "state": "done", "purpose": ["chat", "step"], "problem": ""},
            sort="-id",
            limit=MOST_REPLIES,
        )
        for row in replies:
            meant = time.time() - row["created"] < STILL_MEANT_SECONDS
            if meant and not (row["detail"] or {}).get("played") and has_instructions(row):
                self._begin(self._go_on(row), f"reply {row['id']}")

    async def _go_on(self, row: Row) -> None:
        if self._answers.is_performing(row):
            return
        step = await self._actions.perform(row, again=True)
        if step and generation_of(step) not in self._generations.running:
            await self._answers.again(step, order_id_of_generate(row))
