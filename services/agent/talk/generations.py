"""Follow the model while it generates: collect the tokens, fill gaps, notice every kind of end.

A generation ends exactly once: when the worker says so (`llm.finished`, `llm.failed`), or when the worker that ran it
is gone. In the second case the text that was heard is kept.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from apps.tables import Row
from bus.bus import Bus
from bus.errors import NoAnswer
from bus.messages import (
    LlmCancel,
    LlmFailed,
    LlmFinished,
    LlmGenerate,
    LlmRecall,
    LlmRecalled,
    LlmStarted,
    LlmToken,
    ServiceChanged,
    Values,
)
from bus.transcript import Transcript
from bus.wire import Envelope

NO_TOKEN_SECONDS = 2.0
"""After this long without a token the worker is asked whether one was missed."""
RECALL_SECONDS = 3.0
"""How long the worker may take to answer that."""
WORKER_GONE_SECONDS = 10.0
"""A worker without a beat for this long counts as gone, while our own beats still come back over the bus."""
FIRST_PAUSE_SECONDS = 0.5
MAX_PAUSE_SECONDS = 10.0
"""Pauses before an order to generate is repeated."""

WORKER = "llm_worker"
GONE = "The process that speaks with the model ended in the middle of this answer; what had come is kept."
PROBLEMS = {
    "length": "The answer reached its limit of length before it was done.",
    "repeated": "The model repeated itself, so the answer was ended before the repetition.",
}
"""By the reason of an end: what is wrong with the answer."""

EndState = Literal["done", "stopped", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a generation ended, in the terms of a message's row."""

    state: EndState
    text: str
    thinking: str = ""
    model: str = ""
    problem: str = ""
    tool_calls: list[Values] = field(default_factory=list)
    tokens: int = 0
    """Tokens of the answer; 0: unknown."""
    prompt_tokens: int = 0
    """Tokens of the prompt; 0: unknown."""
    counts: Row = field(default_factory=dict)
    """Further figures of `llm.finished`, by the names under which `detail.tokens` keeps them."""
    unable: str = ""
    """What the model cannot do (tools, format), as in `llm.failed`; "" for a usual end."""

    @property
    def proper(self) -> bool:
        """Whether the model finished the text itself; only then its instructions may be carried out."""
        return self.state == "done" and not self.problem


@dataclass(slots=True)
class Generation:
    """One generation that runs or waits for the worker."""

    order: LlmGenerate
    cause: str
    end: asyncio.Future[Ending]
    transcript: Transcript
    heard_at: float
    worker: str = ""
    """Sender id of the worker that runs it; "" before it has started."""
    model: str = ""
    gap: bool = False
    """A token was missed."""
    recalling: bool = False
    """The worker is being asked for the text so far."""
    thought_since: float = 0.0
    """When the first token of its reasoning was heard (monotonic seconds); 0: not yet."""
    thought_seconds: float = 0.0
    """How long it has reasoned, until the first token of the answer."""

    def clock(self, token: LlmToken) -> None:
        """Take the time of a token."""
        self.heard_at = time.monotonic()
        if token.thinking:
            self.thought_since = self.thought_since or self.heard_at
        if self.thought_since and (token.thinking or not self.transcript.pieces[1:]):
            self.thought_seconds = self.heard_at - self.thought_since


class Generations:
    """All generations that run, by name."""

    def __init__(self, bus: Bus, warn: Callable[[str], None]) -> None:
        """`warn`: gets a sentence when the worker does not answer an order to generate."""
        self.running: dict[str, Generation] = {}
        self._bus = bus
        self._warn = warn
        self._beats: dict[str, float] = {}
        """By process: when its last beat was heard (monotonic seconds)."""
        self._worker_run = ""

    def hear(self) -> None:
        """Subscribe to what the worker says, to its beats and ours, and to orders to cancel."""
        self._bus.hear(LlmStarted, self._heard_start)
        self._bus.hear(LlmToken, self._heard_token)
        self._bus.hear(LlmFinished, self._heard_finish)
        self._bus.hear(LlmFailed, self._heard_failure)
        self._bus.hear(LlmCancel, self._heard_cancel)
        for process in (WORKER, self._bus.name):
            self._bus.hear(ServiceChanged, self._heard_beat, process)

    async def follow(self, order: LlmGenerate, cause: str) -> Ending:
        """Have the text generated, once, and return how that ended. Waits for a worker that is away."""
        loop = asyncio.get_running_loop()
        generation = Generation(order, cause, loop.create_future(), Transcript(order.generation), time.monotonic())
        self.running[order.generation] = generation
        try:
            await self._start(generation)
            await self._watch(generation)
        finally:
            del self.running[order.generation]
        return generation.end.result()

    def cancel(self, name: str) -> None:
        """Stop a generation that runs; its end will be `stopped`."""
        if generation := self.running.get(name):
            self._bus.say(LlmCancel(generation=name), generation.order.conversation, cause=generation.cause)
            self._end_if_not_started(generation)

    # --- start and watch ---

    async def _start(self, generation: Generation) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not generation.end.done():
            order = generation.order
            asking = asyncio.ensure_future(
                self._bus.ask(order, order.conversation, cause=generation.cause, id=f"generate-{order.generation}")
            )
            await asyncio.wait((asking, generation.end), return_when=asyncio.FIRST_COMPLETED)
            if generation.end.done() or generation.worker:
                asking.cancel()
                return
            if isinstance(problem := asking.exception(), NoAnswer):
                self._warn(str(problem))
                await asyncio.wait((generation.end,), timeout=pause)
                pause = min(pause * 2, MAX_PAUSE_SECONDS)
            elif problem:
                raise problem

    async def _watch(self, generation: Generation) -> None:
        while not generation.end.done():
            await asyncio.wait((generation.end,), timeout=NO_TOKEN_SECONDS)
            if not generation.end.done() and time.monotonic() - generation.heard_at >= NO_TOKEN_SECONDS:
                await self._recall(generation)

    async def _recall(self, generation: Generation) -> None:
        """Ask the worker for the text so far."""
        if generation.recalling:
            return
        generation.recalling = True
        order = LlmRecall(generation=generation.order.generation)
        try:
            heard = await self._bus.ask(order, generation.order.conversation, seconds=RECALL_SECONDS)
        except NoAnswer:
            self._end_if_worker_gone(generation)
        else:
            self._recalled(generation, heard.message)
        finally:
            generation.recalling = False

    def _recalled(self, generation: Generation, recalled: LlmRecalled) -> None:
        if recalled.state in ("running", "ended"):  # if it has ended, the worker says the end again
            generation.transcript.fill_gap(recalled)
            generation.gap = False
            generation.heard_at = time.monotonic()
            return
        if generation.gap:
            generation.transcript.fill_gap(recalled)
        self._interrupt(generation)

    def _end_if_worker_gone(self, generation: Generation) -> None:
        now = time.monotonic()
        bus_works = now - self._beats.get(self._bus.name, 0.0) < WORKER_GONE_SECONDS / 2
        if bus_works and now - self._beats.get(WORKER, 0.0) > WORKER_GONE_SECONDS:
            name = generation.order.generation
            self._bus.say(LlmCancel(generation=name), generation.order.conversation, cause=generation.cause)
            self._interrupt(generation)

    # --- what is heard ---

    def _heard_start(self, heard: Envelope) -> None:
        message: LlmStarted = heard.message
        if generation := self.running.get(message.generation):
            generation.worker = heard.header.sender
            generation.model = message.model
            generation.heard_at = time.monotonic()

    def _heard_token(self, heard: Envelope) -> Coroutine[Any, Any, None] | None:
        message: LlmToken = heard.message
        generation = self.running.get(message.generation)
        if generation is None:
            return None
        generation.worker = heard.header.sender
        if generation.transcript.add(message):
            generation.clock(message)
            return None
        generation.gap = True
        return None if generation.recalling else self._recall(generation)

    def _heard_finish(self, heard: Envelope) -> None:
        message: LlmFinished = heard.message
        if generation := self.running.get(message.generation):
            self._end(generation, ending_of(message))

    def _heard_failure(self, heard: Envelope) -> None:
        message: LlmFailed = heard.message
        if generation := self.running.get(message.generation):
            by_another_worker = generation.worker not in ("", heard.header.sender) and not generation.gap
            text = generation.transcript.text if by_another_worker else message.text
            state: EndState = "interrupted" if message.interrupted else "failed"
            self._end(generation, Ending(state, text, problem=message.problem, unable=message.unable))

    def _heard_cancel(self, heard: Envelope) -> None:
        message: LlmCancel = heard.message
        if generation := self.running.get(message.generation):
            self._end_if_not_started(generation)

    def _end_if_not_started(self, generation: Generation) -> None:
        """End a cancelled generation that no worker has started; of a started one the worker says the end."""
        if not generation.worker:
            self._end(generation, Ending("stopped", ""))

    def _heard_beat(self, heard: Envelope) -> None:
        message: ServiceChanged = heard.message
        self._beats[message.process] = time.monotonic()
        if message.process == WORKER and message.state == "ready" and message.run != self._worker_run:
            self._worker_run = message.run
            self._bus.repeat_orders()
            self._interrupt_old_worker(heard.header.sender)

    def _interrupt_old_worker(self, worker: str) -> None:
        """Another worker is there now: end what the one before it had started."""
        for generation in list(self.running.values()):
            if generation.worker not in ("", worker):
                if generation.gap:
                    generation.heard_at = 0.0  # the new worker has the missed text: `_watch` asks for it next
                else:
                    self._interrupt(generation)

    # --- the end ---

    def _interrupt(self, generation: Generation) -> None:
        self._end(generation, Ending("interrupted", generation.transcript.text, problem=GONE))

    @staticmethod
    def _end(generation: Generation, ending: Ending) -> None:
        if not generation.end.done():
            thinking, model = generation.transcript.thinking, generation.model
            counts = ending.counts | ({"think_seconds": round(generation.thought_seconds, 1)} if thinking else {})
            generation.end.set_result(replace(ending, thinking=thinking, model=model, counts=counts))


def ending_of(message: LlmFinished) -> Ending:
    """Return the end that `llm.finished` tells."""
    return Ending(
        "stopped" if message.reason == "cancelled" else "done",
        message.text,
        problem=PROBLEMS.get(message.reason, ""),
        tool_calls=message.tool_calls,
        tokens=message.tokens,
        prompt_tokens=message.prompt_tokens,
        counts={
            "read": message.read_tokens,
            "known": message.known_tokens,
            "load_seconds": message.load_seconds,
            "read_seconds": message.read_seconds,
            "write_seconds": message.write_seconds,
        },
    )
