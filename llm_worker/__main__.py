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
from llm_worker.listing import Listing, Watched
from llm_worker.players import Players
from llm_worker.pulls import Pulls
from llm_worker.servers import Servers
from llm_worker.spool import Spool

NAME = "llm_worker"
FIRST_LOOK_SECONDS = 2.0
"""Longest wait for the first look at the servers before the process is ready."""


class ModelAnnouncer:
    """Says `llm.listed`: when the list changed, and when a process asks."""

    def __init__(self, service: Service, servers: Servers, listing: Listing) -> None:
        """Says nothing by itself before `begin`."""
        self._service = service
        self._servers = servers
        self._listing = listing
        self._looks: dict[Watched, asyncio.Task[None]] = {}
        """The tasks that look at the servers."""
        self._begun = False

    def say(self) -> None:
        """Publish the list of models."""
        self._service.bus.say(self._listing.listed)

    def begin(self) -> None:
        """Publish the list, and from now on each change of it."""
        self._begun = True
        self.say()
        self._service.spawn(self._follow_files(), "follow the files of servers")

    def watch(self) -> None:
        """Look at each server, again and again, and no longer at those that were taken away."""
        current = list(self._listing.watched)
        for watched in [one for one in self._looks if one not in current]:
            self._looks.pop(watched).cancel()
        for watched in current:
            if watched not in self._looks:
                work = watched.watch(self._say_if_changed)
                self._looks[watched] = self._service.spawn(work, f"look at {watched.server.about.name}")

    async def _follow_files(self) -> None:
        """Use the servers and keys as the user changes them."""
        while True:
            await self._servers.changed()
            self._listing.use(self._servers.all)
            self.watch()
            for watched in self._listing.watched:
                watched.look_soon()
            self._say_if_changed()

    def _say_if_changed(self) -> None:
        if self._listing.refresh() and self._begun:
            self.say()


async def serve(service: Service) -> None:
    """Carry out orders until told to stop."""
    servers = Servers(service.settings, lambda text: service.log("warning", text))
    listing = Listing(servers.all, service.settings.model, service.settings.model_host)
    generations = Generations(service, Players(listing), Spool(service.settings.home / "spool"))
    pulls = Pulls(service, listing)
    announcer = ModelAnnouncer(service, servers, listing)
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
        await servers.close()


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
