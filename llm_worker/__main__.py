"""llm_worker: hears orders llm.generate, cancel, recall; says llm.listed, started, token, finished, failed, recalled.

It hears service.asked as well, to tell newcomers which models there are. The only process that speaks HTTP to Ollama;
without one, the built-in rehearsal player plays.
"""

import asyncio
import sys

import uvloop

from bus.messages import LlmCancel, LlmGenerate, LlmRecall, ServiceAsked
from bus.service import Service, run
from llm_worker.generations import Generations
from llm_worker.ollama.api import Ollama
from llm_worker.ollama.models import Models
from llm_worker.players import Players
from llm_worker.spool import Spool

NAME = "llm_worker"
FIRST_LOOK_SECONDS = 2.0
"""How long the first look at Ollama may keep us from being ready."""


class Listing:
    """Says which models there are: when it changed, and to who asks."""

    def __init__(self, service: Service, models: Models) -> None:
        """Says nothing by itself before `watch`."""
        self._bus = service.bus
        self._models = models

    def say(self) -> None:
        """Publish the list."""
        self._bus.say(self._models.listed)

    async def watch(self) -> None:
        """Say what there is, then look again and again, for ever."""
        self.say()
        while True:
            await self._models.wait()
            if await self._models.look():
                self.say()


async def serve(service: Service) -> None:
    """Play for as long as the process lives."""
    ollama = Ollama(service.settings)
    models = Models(service.settings, ollama)
    generations = Generations(service, Players(models, ollama), Spool(service.settings.home / "spool"))
    listing = Listing(service, models)
    service.bus.hear(LlmGenerate, generations.generate)
    service.bus.hear(LlmCancel, generations.cancel)
    service.bus.hear(LlmRecall, generations.recall)
    service.bus.hear(ServiceAsked, lambda _heard: listing.say())
    service.bus.on_reconnected = listing.say
    try:
        await first_look(models)
        await service.ready()
        service.spawn(listing.watch(), "look for Ollama")
        await service.stopped()
    finally:
        await generations.close()
        await ollama.close()


async def first_look(models: Models) -> None:
    """Look for Ollama before the first order comes, but do not wait for one that hangs."""
    try:
        async with asyncio.timeout(FIRST_LOOK_SECONDS):
            await models.look()
    except TimeoutError:
        models.look_soon()


def main() -> int:
    """Live the life of the process."""
    return run(NAME, serve, uvloop.new_event_loop)


if __name__ == "__main__":
    sys.exit(main())
