"""The agent: hears what the user did, what was stored, what the model says; says requests to generate, and orders.

Facts of the store (`store.changed`) and actions without one (`ui.acted`) come in; `llm.generate`, `llm.cancel`,
`store.order` and `agent.acted` go out. It alone decides what the model hears and what the model may do.
"""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from apps.failures import Failures
from apps.registry import load_apps
from apps.tables import Row
from bus.messages import LlmCancel, LlmListed, LlmToken, ServiceAsked, ServiceChanged, StoreChanged, UiActed
from bus.overflows import Overflows
from bus.service import Service, run
from bus.wire import Envelope
from services.agent.act.actions import Actions
from services.agent.act.proposals import Proposals
from services.agent.act.undo import UndoTracker
from services.agent.prompt import describe
from services.agent.prompt.archive import Archive
from services.agent.prompt.build import PromptBuilder
from services.agent.prompt.personas import Personas
from services.agent.state.live_query import LiveQueries
from services.agent.state.paths import Paths
from services.agent.state.store_client import StoreClient
from services.agent.talk.answers import Answers
from services.agent.talk.comments import Comments
from services.agent.talk.generations import Generations
from services.agent.talk.recovery import Recovery
from services.agent.talk.summaries import Summaries

DRAIN_SECONDS = 1.5
"""How long we stay, when told to end, for answers in mid-stream."""
REST_SECONDS = 0.05
"""Between two looks at the bus while only tokens come: who sends them to the browser needs the processor more."""

Work = Coroutine[Any, Any, None] | None


class Agent:
    """What is heard, and whom in here it concerns."""

    def __init__(self, service: Service) -> None:
        """Connect the parts; nothing is heard before `hear`."""
        self._service = service
        self._bus = service.bus
        self._registry = load_apps("agent")
        self.failures = Failures(service.bus, service.name, self._registry, self._warn)
        self._revision = 0
        self._store_run = ""
        store_client = StoreClient(self._bus, self._warn)
        self.queries = LiveQueries(store_client)
        self.generations = Generations(self._bus, self._warn)
        self.undo_tracker = UndoTracker(self._bus, store_client)
        self.actions = Actions(self._bus, store_client, self.queries, self._registry)
        self.proposals = Proposals(self._bus, store_client, self._registry, self.actions)
        paths = Paths(store_client, self.queries)
        self.personas = Personas(service.settings.home, store_client, self.queries, self._warn)
        self.summaries = Summaries(store_client, self.queries, self.generations, self._warn)
        self.answers = Answers(
            store_client,
            self.queries,
            prompt_builder=PromptBuilder(self.queries, self._registry, paths, self.personas),
            paths=paths,
            archive=Archive(store_client, self._warn),
            summaries=self.summaries,
            generations=self.generations,
            actions=self.actions,
        )
        self.comments = Comments(
            store_client,
            self.queries,
            self._registry,
            answers=self.answers,
            generations=self.generations,
            per_minute=service.settings.comments_per_minute,
            tokens_per_hour=service.settings.comment_tokens_per_hour,
            warn=self._warn,
        )
        self.answers.on_question = self._give_way
        self.recovery = Recovery(
            self._bus,
            store_client,
            answers=self.answers,
            actions=self.actions,
            proposals=self.proposals,
            undo_tracker=self.undo_tracker,
            generations=self.generations,
            spawn=service.spawn,
            warn=self._warn,
        )

    def _give_way(self) -> None:
        """The user asks something: what nobody waits for ends."""
        self.comments.give_way()
        self.summaries.give_way()

    def _warn(self, text: str) -> None:
        self._service.log("warning", text)

    def hear(self) -> None:
        """Subscribe."""
        self.generations.hear()
        self._bus.hear(StoreChanged, self._fact)
        self._bus.hear(UiActed, self._acted)
        self._bus.hear(LlmListed, self._listed)
        self._bus.hear(LlmCancel, self._cancelled)
        self._bus.hear(ServiceChanged, self._store_is_back, "store")
        self._bus.on_reconnected = self.catch_up
        Overflows(self._bus, self.catch_up)

    def catch_up(self) -> None:
        """Look at the store again: facts may have been missed."""
        self.queries.forget()
        self._bus.say(ServiceAsked())
        self._service.spawn(self.recovery.look(), "recovery")

    async def work(self) -> None:
        """Do what was left unfinished, then remark on what happens."""
        self._service.spawn(self.personas.tell(), "personas")
        self._service.spawn(self.recovery.look(), "recovery")
        await self.comments.remark_for_ever()

    async def drain(self) -> None:
        """Let answers that run come to their end: the worker, told to end as well, is about to say that they have."""
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self.answers.quiet.wait()
        except TimeoutError:
            return  # they are in the store as streaming, and our next run goes on with them

    # --- what is heard ---

    def _fact(self, heard: Envelope) -> Work:
        fact: StoreChanged = heard.message
        self._note_revision(fact.revision)
        self.queries.hear(fact)
        if fact.table == "message":
            return self._message(fact, heard.header.id)
        if self._registry.app_of(fact.table) is None:
            return None
        self._remember(fact)
        if fact.undoes:
            return self.undo_tracker.undone(fact.undoes, fact.revision, heard.header.id)
        return self.comments.fact(heard) if fact.actor == "user" else None

    def _note_revision(self, revision: int) -> None:
        missed = self._revision and revision != self._revision + 1
        self._revision = revision
        if missed:
            self.catch_up()

    def _remember(self, fact: StoreChanged) -> None:
        who = {"user": "The user", "model": "You"}.get(fact.actor)
        if who:
            self.queries.happened.append(f"{who} {describe.changed(fact, self._registry.tables[fact.table])}")

    def _message(self, fact: StoreChanged, cause: str) -> Work:
        """Find what the user wants by a change of a message."""
        row = fact.row
        if fact.verb == "insert" and row["role"] == "user":
            return self._question(row, cause)
        if fact.verb != "update" or fact.actor != "user":
            return None
        if row["role"] == "assistant" and row["state"] == "streaming" and row["attempt"] != fact.before.get("attempt"):
            return self.answers.again(row, cause)
        if row["role"] == "action" and row["state"] == "agreed":
            return self.proposals.agreed(row, cause)
        return None

    async def _question(self, row: Row, cause: str) -> None:
        await self.proposals.amended(row, cause)
        self._service.spawn(self.personas.tell(), "personas")
        await self.answers.question(row, cause)

    def _acted(self, heard: Envelope) -> Work:
        fact: UiActed = heard.message
        self._service.spawn(self.personas.tell(), "personas")
        self.queries.happened.append(f"The user {describe.acted(fact)}")
        return self.comments.acted(heard)

    def _listed(self, heard: Envelope) -> None:
        self.queries.listed = heard.message

    def _cancelled(self, heard: Envelope) -> None:
        message: LlmCancel = heard.message
        self.answers.stop(message.generation)

    def _store_is_back(self, heard: Envelope) -> None:
        """Go on with a store that begins anew: the one before may have ended between a commit and its fact."""
        message: ServiceChanged = heard.message
        if message.state != "ready" or message.run == self._store_run:
            return
        known, self._store_run = bool(self._store_run), message.run
        self._bus.repeat_orders()
        if known:
            self.catch_up()


async def serve(service: Service) -> None:
    """Hear, then look for unfinished work, then serve until told to stop."""
    agent = Agent(service)
    agent.hear()
    await service.ready()
    service.bus.pause_between_batches(REST_SECONDS, LlmToken)
    agent.failures.say()
    service.bus.say(ServiceAsked())  # the worker answers with its models
    service.spawn(agent.work(), "remarks")
    await service.stopped()
    await agent.drain()


def main() -> int:
    """Live the life of the agent."""
    return run("agent", serve)


if __name__ == "__main__":
    sys.exit(main())
