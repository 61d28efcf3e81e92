"""All generations: start, follow, cancel, recall. Each is generated once, however often it is asked for.

What matters is on disk (`spool.py`) before it is on the bus; what is here in memory may be lost at any moment.
"""

import asyncio
from contextlib import aclosing

from bus.messages import LlmCancel, LlmFinished, LlmGenerate, LlmRecall, LlmRecalled
from bus.service import Service
from bus.wire import Envelope
from llm_worker.generation import Generation
from llm_worker.pieces import Reason
from llm_worker.players import Part, Players
from llm_worker.problems import OllamaProblem
from llm_worker.spool import KEPT, End, Spool, SpoolFile

HURRY_SECONDS = 0.002
"""A piece that comes so soon after another waits for those that are there already."""
MOST_AT_ONCE = 32
"""Pieces that are said as one token, when so many are there already."""

STOPPED = "Pianola was stopped in the middle of this answer. What had come is kept: continue from there, or try again."


class Generations:
    """What the handlers of this process share."""

    def __init__(self, service: Service, players: Players, spool: Spool) -> None:
        """None is running yet."""
        self._service = service
        self._players = players
        self._spool = spool
        self._known: dict[str, Generation] = {}
        """Those that run, and the last that ended. Earlier ones are in the spool."""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    # --- orders ---

    def generate(self, heard: Envelope) -> None:
        """Handle `llm.generate`: begin at once, or say again what is known."""
        order: LlmGenerate = heard.message
        if self._closed:
            return  # the order is repeated until our next run takes it
        if known := self._find(order.generation, heard.key):
            self._say_again(known, heard)
        else:
            self._begin(order, heard)

    def cancel(self, heard: Envelope) -> None:
        """Handle `llm.cancel`: answer, then end the generation if it runs."""
        order: LlmCancel = heard.message
        self._recall(order.generation, heard)
        if (task := self._tasks.get(order.generation)) and not self._known[order.generation].cancelled:
            self._known[order.generation].cancelled = True
            asyncio.get_running_loop().call_soon(task.cancel)  # after its first step: else it ends without a word

    def recall(self, heard: Envelope) -> None:
        """Handle `llm.recall`."""
        order: LlmRecall = heard.message
        self._recall(order.generation, heard)

    async def close(self) -> None:
        """End what runs, as interrupted, before the process leaves."""
        self._closed = True
        await asyncio.sleep(0)  # a task that was never begun would end without a word
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- what is known ---

    def _find(self, name: str, key: str) -> Generation | None:
        if known := self._known.get(name):
            return known
        spooled = self._spool.read(name)
        return Generation.from_spool(name, key, spooled) if spooled else None

    def _say_again(self, known: Generation, heard: Envelope) -> None:
        """Answer an order that was carried out before."""
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

    # --- the life of one ---

    def _begin(self, order: LlmGenerate, heard: Envelope) -> None:
        part = self._players.cast(order)
        generation = Generation(order.generation, heard.key, part.model, part.loaded)
        self._known[generation.name] = generation
        file = self._spool.open(generation.name, part.model)
        self._service.bus.say(generation.started(), heard.key, cause=heard.header.id)
        task = self._service.spawn(self._live(generation, part, file), f"generation {generation.name}")
        self._tasks[generation.name] = task

    async def _live(self, generation: Generation, part: Part, file: SpoolFile) -> None:
        """Follow the answer to its end, whatever that is, and say it: each generation has exactly one end."""
        end: End
        try:
            end = await self._follow(generation, part, file)
        except asyncio.CancelledError:
            end = generation.finished("cancelled") if generation.cancelled else generation.failed(STOPPED, cut=True)
        except OllamaProblem as problem:
            unable = problem.unable(part.asks_for)
            end = generation.failed(str(problem), retryable=problem.retryable, cut=problem.cut, unable=unable)
        except Exception as error:  # those who wait for the generation must hear an end
            self._service.log("error", f"generation {generation.name} broke: {error}", error)
            end = generation.failed(f"Something unforeseen happened ({type(error).__name__}). The log tells what.")
        self._end(generation, file, end)
        self._players.played(part, well=isinstance(end, LlmFinished))

    async def _follow(self, generation: Generation, part: Part, file: SpoolFile) -> LlmFinished:
        """Say a piece at once; while they come faster than that, one token says all that are there."""
        reason: Reason = "stop"
        loop, said = asyncio.get_running_loop(), 0.0
        try:
            async with aclosing(part.play()) as pieces:
                async for piece in pieces:
                    generation.take(piece)
                    hurried, said = loop.time() - said < HURRY_SECONDS, loop.time()
                    if hurried:
                        loop.call_soon(self._say_tokens, generation, file)  # runs when we wait for the network again
                    else:
                        self._say_tokens(generation, file)
                    if generation.waiting >= MOST_AT_ONCE:
                        await asyncio.sleep(0)
                    if generation.full or piece.end:
                        reason = piece.end or "length"
                        break
        finally:
            self._say_tokens(generation, file)
        return generation.finished("length" if generation.full else reason)

    def _say_tokens(self, generation: Generation, file: SpoolFile) -> None:
        for token in generation.tokens():
            file.add(token.text, token.thinking)
            self._service.bus.say(token, generation.key)

    def _end(self, generation: Generation, file: SpoolFile, end: End) -> None:
        generation.running, generation.end = False, end
        file.finish(end)
        self._service.bus.say(end, generation.key)
        del self._tasks[generation.name]
        if file.problem:
            self._service.log("warning", f"generation {generation.name} is not kept in the spool: {file.problem}")
        self._forget()

    def _forget(self) -> None:
        """Keep only the last of those that ended, here and on the disk."""
        ended = [name for name, known in self._known.items() if not known.running]
        for name in ended[:-KEPT]:
            del self._known[name]
        self._spool.prune()
