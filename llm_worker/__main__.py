"""llm_worker: hears llm.generate, cancel, recall; says llm.listed, started, token, finished, failed, recalled.

It also hears service.asked, and answers with the list of models. It is the only process that speaks HTTP to Ollama.
Without Ollama the built-in rehearsal player answers.
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
"""Longest wait for the first look at Ollama before the process is ready."""


class ModelAnnouncer:
    """Says `llm.listed`: when the list changed, and when a process asks."""

    def __init__(self, service: Service, models: Models) -> None:
        """Says nothing by itself until `watch` runs."""
        self._bus = service.bus
        self._models = models

    def say(self) -> None:
        """Publish the list of models."""
        self._bus.say(self._models.listed)

    async def watch(self) -> None:
        """Publish the list, then check Ollama again and again, and publish each change."""
        self.say()
        while True:
            await self._models.wait()
            if await self._models.look():
                self.say()


async def serve(service: Service) -> None:
    """Carry out orders until told to stop."""
    ollama = Ollama(service.settings)
    models = Models(service.settings, ollama)
    generations = Generations(service, Players(models, ollama), Spool(service.settings.home / "spool"))
    announcer = ModelAnnouncer(service, models)
    service.bus.hear(LlmGenerate, generations.generate)
    service.bus.hear(LlmCancel, generations.cancel)
    service.bus.hear(LlmRecall, generations.recall)
    service.bus.hear(ServiceAsked, lambda _heard: announcer.say())
    service.bus.on_reconnected = announcer.say
    try:
        await first_look(models)
        await service.ready()
        service.spawn(announcer.watch(), "look for Ollama")
        await service.stopped()
    finally:
        await generations.close()
        await ollama.close()


async def first_look(models: Models) -> None:
    """Look for Ollama before the first order comes, but not longer than `FIRST_LOOK_SECONDS`."""
    try:
        async with asyncio.timeout(FIRST_LOOK_SECONDS):
            await models.look()
    except TimeoutError:
        models.look_soon()


def main() -> int:
    """Run until SIGTERM."""
    return run(NAME, serve, uvloop.new_event_loop)


if __name__ == "__main__":
    sys.exit(main())
