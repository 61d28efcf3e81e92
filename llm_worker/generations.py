"""All generations: start, stream, cancel, recall. Each is generated once, however often it is ordered.

Every token is in a file (`spool.py`) before it is on the bus. What is only in memory here may be lost at any moment.
"""

import asyncio
from contextlib import aclosing
from typing import Literal

from bus.messages import LlmCancel, LlmFinished, LlmGenerate, LlmRecall, LlmRecalled
from bus.service import Service
from bus.wire import Envelope
from llm_worker.generation import Generation
from llm_worker.players import Assignment, Players
from llm_worker.problems import ServerProblem
from llm_worker.spool import KEPT, End, Spool, SpoolFile
from llm_worker.stream.pieces import Reason
from llm_worker.stream.reasoning import ReasoningSplitter

BURST_SECONDS = 0.002
"""A piece that comes within this time after another is joined with those that have arrived already."""
MOST_AT_ONCE = 32
"""Most texts that are joined into one token."""

STOPPED = "Pianola was stopped in the middle of this answer. What had come is kept: continue from there, or try again."


class Generations:
    """Handles the orders of this process, and remembers the generations."""

    def __init__(self, service: Service, players: Players, spool: Spool) -> None:
        """Start without any generation."""
        self._service = service
        self._players = players
        self._spool = spool
        self._known: dict[str, Generation] = {}
        """Running generations and the last ones that ended. Earlier ones are in the spool."""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    # --- orders ---

    def generate(self, heard: Envelope) -> None:
        """Handle `llm.generate`: start, or repeat what was said when the generation is known."""
        order: LlmGenerate = heard.message
        if self._closed:
            return  # the sender repeats the order until our next run gets it
        if known := self._find(order.generation, heard.key):
            self._say_again(known, heard)
        else:
            self._start(order, heard)

    def cancel(self, heard: Envelope) -> None:
        """Handle `llm.cancel`: answer, then stop the generation if it is running."""
        order: LlmCancel = heard.message
        self._recall(order.generation, heard)
        if (task := self._tasks.get(order.generation)) and not self._known[order.generation].cancelled:
            self._known[order.generation].cancelled = True
            asyncio.get_running_loop().call_soon(
                task.cancel
            )  # after the first step of the task; earlier it would end without any message

    def recall(self, heard: Envelope) -> None:
        """Handle `llm.recall`."""
        order: LlmRecall = heard.message
        self._recall(order.generation, heard)

    async def close(self) -> None:
        """Stop running generations, as interrupted, before the process stops."""
        self._closed = True
        await asyncio.sleep(0)  # a task cancelled before its first step would end without any message
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- known generations ---

    def _find(self, name: str, key: str) -> Generation | None:
        if known := self._known.get(name):
            return known
        spooled = self._spool.read(name)
        return Generation.from_spool(name, key, spooled) if spooled else None

    def _say_again(self, known: Generation, heard: Envelope) -> None:
        """Answer an order for a generation that is known already."""
        cause = heard.header.id
        if known.state == "lost":
            self._service.bus.say(known.lost(), heard.key, cause=cause)
            return
        self._service.bus.say(known.started(), heard.key, cause=cause)
        if known.end:
            self._service.bus.say(known.end, heard.key, cause=cause)

    def _recall(self, name: str, heard: Envelope) -> None:
        known = self._find(name, heard.key)
        answer = known.recalled() if known else LlmRecalled(generation=name, state="unknown")
        self._service.bus.say(answer, heard.header.sender, cause=heard.header.id)
        if known and known.end:
            self._service.bus.say(known.end, heard.key, cause=heard.header.id)

    # --- one generation ---

    def _start(self, order: LlmGenerate, heard: Envelope) -> None:
        assignment = self._players.assign(order)
        generation = Generation(
            order.generation, heard.key, assignment.model, assignment.loaded, assignment.server, heard.header.id
        )
        self._known[generation.name] = generation
        file = self._spool.open(generation.name, assignment.model)
        self._service.bus.say(generation.started(), heard.key, cause=heard.header.id)
        task = self._service.attempt(self._run(generation, assignment, file), f"generation {generation.name}")
        self._tasks[generation.name] = task

    async def _run(self, generation: Generation, assignment: Assignment, file: SpoolFile) -> None:
        """Stream the answer, and say how it ended: each generation has exactly one end."""
        end: End
        try:
            end = await self._stream(generation, assignment, file)
        except asyncio.CancelledError:
            end = generation.finished("cancelled") if generation.cancelled else generation.failed(STOPPED, cut=True)
        except ServerProblem as problem:
            unable = problem.unable(assignment.asks_for)
            end = generation.failed(str(problem), retryable=problem.retryable, cut=problem.cut, unable=unable)
        except Exception as error:  # other processes wait for the end
            self._service.log("error", f"generation {generation.name} failed: {error}", error)
            end = generation.failed(f"An unexpected error happened ({type(error).__name__}). The log says more.")
        self._end(generation, file, end)
        self._players.done(assignment, succeeded=isinstance(end, LlmFinished))

    async def _stream(self, generation: Generation, assignment: Assignment, file: SpoolFile) -> LlmFinished:
        """Say each piece at once. When pieces come in a burst, join those that have arrived into one token."""
        reason: Reason | Literal["repeated"] = "stop"
        loop, said, splitter = asyncio.get_running_loop(), 0.0, ReasoningSplitter()
        try:
            async with aclosing(assignment.play()) as pieces:
                async for one in pieces:
                    piece = splitter.read(one)
                    generation.add(piece)
                    if generation.waiting:
                        in_burst, said = loop.time() - said < BURST_SECONDS, loop.time()
                        if in_burst:
                            loop.call_soon(self._say_tokens, generation, file)  # runs when we next wait for the network
                        else:
                            self._say_tokens(generation, file)
                    if progressed := generation.progress(piece):
                        self._service.bus.say(progressed, generation.key, cause=generation.cause)
                    if generation.waiting >= MOST_AT_ONCE:
                        await asyncio.sleep(0)
                    if generation.repeated:
                        reason = "repeated"
                        break
                    if generation.full or piece.end:
                        reason = piece.end or "length"
                        break
        finally:
            generation.add(splitter.rest())
            self._say_tokens(generation, file)
        return generation.finished("length" if generation.full else reason)

    def _say_tokens(self, generation: Generation, file: SpoolFile) -> None:
        for token in generation.tokens():
            file.add(token.text, token.thinking)
            self._service.bus.say(token, generation.key, cause=generation.cause)

    def _end(self, generation: Generation, file: SpoolFile, end: End) -> None:
        generation.running, generation.end = False, end
        file.finish(end)
        self._service.bus.say(end, generation.key, cause=generation.cause)
        del self._tasks[generation.name]
        if file.problem:
            self._service.log("warning", f"the file of generation {generation.name} is incomplete: {file.problem}")
        self._forget()

    def _forget(self) -> None:
        """Keep only the last generations that ended, in memory and on disk."""
        ended = [name for name, known in self._known.items() if not known.running]
        for name in ended[:-KEPT]:
            del self._known[name]
        self._spool.prune()
