"""One message of the user, one answer: order its row, compose, have it generated, store the end.

Order ids derive from what they are for (`answer-ID`, `end-GENERATION`), so that whoever repeats the work after a crash
repeats the same orders, and they take effect once. Within a conversation one answer follows another.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from apps.registry import Registry
from apps.tables import Row
from bus.errors import Refused
from bus.messages import MAX_TEXT_CHARACTERS, LlmGenerate, Purpose, StoreAnswer, StoreOrder, Values
from services.agent.actions import Actions
from services.agent.generations import Ending, Generations
from services.agent.instructions import Scope
from services.agent.memory import Memory
from services.agent.orders import Orders
from services.agent.prompt import Situation, Turn, compose
from services.agent.scope import scope_of

LONGEST_THINKING = 50_000
LARGEST_ROW_BYTES = 900_000
"""Of text and reasoning together, so that the row passes the bus."""
MOST_STOPPED = 100
"""Stopped generations that are remembered until their turn; most have ended already when they are stopped."""
TOKENS_OF_A_REMARK = 120
SILENT_ANSWERS = ("", "-", "–", "—", '"-"', "`-`")
"""What the model answers when it has nothing to remark."""


def generation_of(row: Row) -> str:
    """Return the name of the run that a row asks for."""
    return f"{row['id']}.{row['attempt']}"


def order_id_of_generate(row: Row) -> str:
    """Return the id of the order to generate: the cause of everything that follows from the text."""
    return f"generate-{generation_of(row)}"


class Answers:
    """Everything the assistant is saying, or is to say."""

    def __init__(
        self,
        orders: Orders,
        memory: Memory,
        registry: Registry,
        *,
        generations: Generations,
        actions: Actions,
    ) -> None:
        """Nothing is said before `question` or `again`."""
        self.on_question: Callable[[], None] = lambda: None
        """Called when the user wants something: remarks give way."""
        self.quiet = asyncio.Event()
        """Set while no question of the user waits for its answer."""
        self.quiet.set()
        self._orders = orders
        self._memory = memory
        self._registry = registry
        self._generations = generations
        self._actions = actions
        self._lanes: dict[int, asyncio.Lock] = {}
        self._at_work: set[str] = set()
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
        ordered = self._orders(order, cause=cause, id=f"answer-{question['id']}")
        answer, _ = await asyncio.gather(ordered, self.situation(question["conversation"]))  # the same round trip
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
        found = await self._orders.list("message", {"id": row["id"], "state": "streaming"})
        return bool(found)

    async def _in_turn(self, row: Row, cause: str) -> None:
        lane = self._lanes.setdefault(row["conversation"], asyncio.Lock())
        try:
            async with lane:
                await self._say_all(row, cause)
        finally:
            if not lane.locked():
                self._lanes.pop(row["conversation"], None)

    async def _say_all(self, row: Row, cause: str) -> None:
        """Say the answer, do what it says, and go on as long as that brings something to read."""
        step: Row | None = row
        while step:
            ended, ending = await self.say(step, cause)
            cause = order_id_of_generate(step)
            step = await self._actions.perform(ended, ending.tool_calls, cause) if ending.proper else None

    # --- saying it ---

    async def say(self, row: Row, cause: str) -> tuple[Row, Ending]:
        """Generate the text of a row and store the end; return the row as it is then."""
        order = await self._order(row)
        if order.generation in self._stopped:
            del self._stopped[order.generation]
            ending = Ending("stopped", "")
        else:
            ending = await self._generations.follow(order, cause)
        return await self._store(row, ending), ending

    async def _order(self, row: Row) -> LlmGenerate:
        turns = turns_before(await self._memory.messages(row["conversation"]), row)
        purpose: Purpose = row["purpose"]
        happened = (row["detail"] or {}).get("happened", "") if purpose == "comment" else ""
        situation = await self.situation(row["conversation"], turns, row["text"], happened, purpose)
        model = await self._model()
        return LlmGenerate(
            generation=generation_of(row),
            conversation=row["conversation"],
            model=model["name"],
            messages=compose(situation).messages,
            options=_options(purpose, model),
            purpose=purpose,
        )

    async def _model(self) -> Values:
        listed, chosen = self._memory.listed, (await self._memory.settings()).get("model") or ""
        name = listed.playing(chosen) if listed.models else chosen
        return next((model for model in listed.models if model["name"] == name), {"name": name})

    async def situation(
        self,
        conversation: int,
        turns: tuple[Turn, ...] = (),
        kept: str = "",
        happened: str = "",
        purpose: Purpose = "chat",
    ) -> Situation:
        """Return what the prompt depends on; what is not known yet is asked for, all at once."""
        settings = await self._memory.settings()
        scope = scope_of(self._registry, settings)
        rows, model, _, profiles = await asyncio.gather(
            self._rows(scope),
            self._model(),
            self._memory.messages(conversation),
            self._memory.profiles(),
        )
        return Situation(
            app=scope.app,
            app_prompt=_prompt_of(self._registry, scope.app),
            tables=scope.tables,
            apps=scope.apps,
            rows=tuple(rows[0]),
            more_rows=rows[1],
            profile=profiles.get(scope.profile, ""),
            lately=tuple(self._memory.happened),
            turns=turns,
            kept=kept,
            happened=happened,
            context_tokens=model.get("context") or 0,
            purpose=purpose,
        )

    async def _rows(self, scope: Scope) -> tuple[list[Row], bool]:
        return await self._memory.rows(scope.tables[0], scope.profile) if scope.tables else ([], False)

    # --- its end ---

    async def _store(self, row: Row, ending: Ending) -> Row:
        """Store the end of a row's generation, unless the row has gone on to another attempt."""
        name = generation_of(row)
        if row["purpose"] == "comment" and ending.text.strip() in SILENT_ANSWERS:
            order = StoreOrder(verb="delete", table="message", id=row["id"], actor="model")
            await self._orders(order, cause=order_id_of_generate(row), id=f"end-{name}")
            return row
        values = _final(row, ending)
        where = {"state": "streaming", "attempt": row["attempt"]}
        order = StoreOrder(verb="update", table="message", id=row["id"], values=values, where=where, actor="model")
        answer: StoreAnswer = await self._orders(order, cause=order_id_of_generate(row), id=f"end-{name}")
        ended = answer.rows[0] if answer.rows else row | values
        self._memory.learn("message", ended, answer.revision)
        return ended


def _prompt_of(registry: Registry, name: str) -> str:
    app = registry.apps.get(name)
    return app.call("prompt", str, "") if app else ""


def _options(purpose: Purpose, model: Values) -> Values:
    if purpose != "comment":
        return {}
    options: Values = {"num_predict": TOKENS_OF_A_REMARK}
    return options | {"think": False} if "thinking" in (model.get("capabilities") or ()) else options


def _final(row: Row, ending: Ending) -> Row:
    text = (row["text"] + ending.text)[:MAX_TEXT_CHARACTERS]
    room = max(0, LARGEST_ROW_BYTES - len(text.encode())) // 4
    return {
        "state": ending.state,
        "text": text,
        "thinking": ending.thinking[: min(room, LONGEST_THINKING)],
        "generation": generation_of(row),
        "model": ending.model,
        "problem": ending.problem[:2_000],
    }


def turns_before(messages: list[Row], row: Row) -> tuple[Turn, ...]:
    """Return the talk that leads to the row which is to be answered: each answer behind its question. Pure."""
    turns: list[Turn] = []
    spoken = [one for one in messages if one["role"] in ("user", "assistant") and one["id"] != row["id"]]
    for one in sorted([*spoken, row], key=_place):
        if one["purpose"] == "step":
            turns.append(Turn("user", str((one["detail"] or {}).get("feedback", ""))))
        if one["id"] == row["id"]:
            break
        if one["state"] != "streaming":
            turns.append(Turn(one["role"], one["text"]))
    return tuple(turns)


def _place(row: Row) -> tuple[int, int]:
    return row["reply_to"] or row["id"], row["id"]
