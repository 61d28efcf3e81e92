"""llm_worker: hears llm.generate, cancel, recall; says llm.listed, started, progressed, token, finished, failed …

It also hears llm.pull and llm.unload, and says how far a pull is (llm.pulled) and what was unloaded (llm.unloaded). At
service.asked it says the list of models. It is the only process that speaks HTTP to servers of
models. Without any the built-in rehearsal player answers.
"""

import asyncio
import sys

import uvloop

from bus.messages import LlmCancel, LlmGenerate, LlmPull, LlmRecall, LlmUnload, ServiceAsked
from bus.service import Service, run
from llm_worker.generations import Generations
from llm_worker.listing import Listing
from llm_worker.players import Players
from llm_worker.pulls import Pulls
from llm_worker.servers import make_servers
from llm_worker.spool import Spool

NAME = "llm_worker"
FIRST_LOOK_SECONDS = 2.0
"""Longest wait for the first look at the servers before the process is ready."""


class ModelAnnouncer:
    """Says `llm.listed`: when the list changed, and when a process asks."""

    def __init__(self, service: Service, listing: Listing) -> None:
        """Says nothing by itself before `begin`."""
        self._service = service
        self._listing = listing
        self._begun = False

    def say(self) -> None:
        """Publish the list of models."""
        self._service.bus.say(self._listing.listed)

    def begin(self) -> None:
        """Publish the list, and from now on each change of it."""
        self._begun = True
        self.say()

    def watch(self) -> None:
        """Look at each server, again and again."""
        for watched in self._listing.watched:
            self._service.spawn(watched.watch(self._say_if_changed), f"look at {watched.server.about.name}")

    def _say_if_changed(self) -> None:
        if self._listing.refresh() and self._begun:
            self.say()


async def serve(service: Service) -> None:
    """Carry out orders until told to stop."""
    servers = make_servers(service.settings)
    listing = Listing(servers, service.settings.model)
    generations = Generations(service, Players(listing), Spool(service.settings.home / "spool"))
    pulls = Pulls(service, listing)
    announcer = ModelAnnouncer(service, listing)
    service.bus.hear(LlmGenerate, generations.generate)
    service.bus.hear(LlmCancel, generations.cancel)
    service.bus.hear(LlmRecall, generations.recall)
    service.bus.hear(LlmPull, pulls.pull)
    service.bus.hear(LlmUnload, pulls.unload)
    service.bus.hear(ServiceAsked, lambda _heard: announcer.say())
    service.bus.on_reconnected = announcer.say
    try:
        announcer.watch()
        await first_look(listing)
        await service.ready()
        announcer.begin()
        await service.stopped()
    finally:
        await generations.close()
        await pulls.close()
        for server in servers:
            await server.close()


async def first_look(listing: Listing) -> None:
    """Wait until each server was looked at, before the first order comes, but not longer than `FIRST_LOOK_SECONDS`."""
    try:
        async with asyncio.timeout(FIRST_LOOK_SECONDS):
            for watched in listing.watched:
                await watched.looked.wait()
    except TimeoutError:
        pass  # it is listed when it answers


def main() -> int:
    """Run until SIGTERM."""
    return run(NAME, serve, uvloop.new_event_loop)


if __name__ == "__main__":
    sys.exit(main())
