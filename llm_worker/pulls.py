"""Orders about the models themselves: get one (`llm.pull`), and take one out of memory (`llm.unload`).

A pull belongs to the model's server: Ollama, or the embedded engine. When this process dies, what has come is kept, and
the next pull goes on there.
"""

import asyncio
import re
from contextlib import aclosing
from dataclasses import asdict, replace

from bus.messages import LlmPull, LlmPulled, LlmUnload, LlmUnloaded
from bus.service import Service
from bus.wire import Envelope
from llm_worker.contract import Model
from llm_worker.listing import REHEARSAL, Listing
from llm_worker.problems import ServerProblem, shown

PROGRESS_SECONDS = 1.0
"""Shortest time between two messages about a pull."""
LOOK_SECONDS = 0.05
"""Time between two looks at a pull of which nothing new came."""
NAME = re.compile(r"(?=.{1,200}$)\w[\w.-]*(?::\d+)?(?:/\w[\w.-]*)*(?::[\w.-]+)?", re.ASCII)
"""What can be the name of a model: [host[:port]/][namespace/]model[:tag], as Ollama reads it."""
STOPPED = "Pianola was stopped. What had come is kept: pull again, and it goes on where it ended."


class Pulls:
    """The pulls that run, and the last state of those that have ended."""

    def __init__(self, service: Service, listing: Listing) -> None:
        """Start without any."""
        self._service = service
        self._listing = listing
        self._said: dict[str, LlmPulled] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._cancelled: set[str] = set()
        self._orders: dict[str, str] = {}
        """By model: id of the order that began its pull, the cause of what is said about it."""

    def pull(self, heard: Envelope) -> None:
        """Handle `llm.pull`: start, cancel, or say again how far it is."""
        order: LlmPull = heard.message
        model, cause = order.model, heard.header.id
        if order.cancel:
            self._cancel(model, cause)
        elif model in self._tasks:
            self._say(self._said[model], cause)
        elif not NAME.fullmatch(model):
            problem = (
                f"{shown(model)!r} is no name of a model. Write it as on Ollama's page, for example qwen3:4b-instruct."
            )
            self._say(LlmPulled(model=model, state="failed", problem=problem), cause)
        else:
            self._cancelled.discard(model)
            self._orders[model] = cause
            self._say(LlmPulled(model=model, state="running"), cause)
            self._tasks[model] = self._service.attempt(self._run(model), f"pull {model}")

    def unload(self, heard: Envelope) -> None:
        """Handle `llm.unload`."""
        order: LlmUnload = heard.message
        self._service.attempt(self._unload(order.model, heard.header.id), f"unload {order.model}")

    async def close(self) -> None:
        """Stop all pulls before the process stops."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- one pull ---

    def _cancel(self, model: str, cause: str) -> None:
        if model in self._tasks:
            self._cancelled.add(model)
            asyncio.get_running_loop().call_soon(self._tasks[model].cancel)  # not before its first step
            self._say(self._said[model], cause)
        else:
            self._say(self._said.get(model) or LlmPulled(model=model, state="cancelled"), cause)

    async def _run(self, model: str) -> None:
        """Follow a pull, and say how it ended."""
        try:
            await self._follow(model)
            end = replace(self._said[model], state="done")
        except asyncio.CancelledError:
            cancelled = model in self._cancelled
            end = replace(
                self._said[model],
                state="cancelled" if cancelled else "failed",
                problem="" if cancelled else STOPPED,
            )
        except ServerProblem as problem:
            end = replace(self._said[model], state="failed", problem=str(problem))
        self._cancelled.discard(model)
        del self._tasks[model]
        self._say(end)
        self._listing.place(model)[0].look_soon()

    async def _follow(self, model: str) -> None:
        """Follow a pull to its end, and say meanwhile how far it is."""
        watched, own = self._listing.place(model)
        teller = asyncio.create_task(self._tell(model))
        try:
            async with aclosing(watched.server.pull(own)) as states:
                async for state in states:
                    self._said[model] = LlmPulled(model=model, state="running", **asdict(state))
        finally:
            teller.cancel()

    async def _tell(self, model: str) -> None:
        """Say how far a pull is, at once and then each second in which something came."""
        said = self._said[model]
        while True:
            if self._said[model] != said:
                said = self._said[model]
                self._say(said)
                await asyncio.sleep(PROGRESS_SECONDS)
            else:
                await asyncio.sleep(LOOK_SECONDS)

    def _say(self, state: LlmPulled, cause: str = "") -> None:
        self._said[state.model] = state
        self._service.bus.say(state, state.model, cause=cause or self._orders.get(state.model, ""))

    # --- memory ---

    async def _unload(self, name: str, cause: str) -> None:
        problem = ""
        if name != REHEARSAL:
            watched, own = self._listing.place(name)
            about = watched.server.about
            try:
                await watched.server.unload(watched.find(own) or Model(own, about.name, about.local))
            except ServerProblem as found:
                problem = str(found)
            watched.look_soon()
        self._service.bus.say(LlmUnloaded(model=name, problem=problem), name, cause=cause)
