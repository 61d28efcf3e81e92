"""What the agent hears, and which part handles each message."""

from collections.abc import Coroutine
from typing import Any

from apps.core import APP, JOB, MORNING, WAITING
from apps.tables import Row
from bus.checks.revisions import FactsInOrder
from bus.messages import (
    JobAnswered,
    JobProgressed,
    LlmCancel,
    LlmListed,
    McpAnswered,
    McpListed,
    ServiceAsked,
    ServiceChanged,
    StoreChanged,
    UiActed,
)
from bus.overflows import Overflows
from bus.service import Service
from bus.wire import Envelope
from services.agent.act.meant import is_over
from services.agent.act.wiring import Act
from services.agent.parse.tools import tools_of
from services.agent.prompt.recent import Recent
from services.agent.prompt.wiring import Prompt
from services.agent.state.events import RowRef
from services.agent.state.wiring import State
from services.agent.talk.recovery import is_imported
from services.agent.talk.wiring import Talk

REHEARSAL = "rehearsal"
"""The player without a model."""

Work = Coroutine[Any, Any, None] | None

TALK = ("message", WAITING.name, "setting")
"""Tables that say how a talk goes on."""


class Handlers:
    """One method for each kind of message that is heard here; the model's own messages go to `talk/generations.py`."""

    def __init__(self, service: Service, state: State, prompt: Prompt, act: Act, talk: Talk) -> None:
        """Nothing is heard before `subscribe`."""
        self._service = service
        self._bus = service.bus
        self._state = state
        self._prompt = prompt
        self._act = act
        self._talk = talk
        self._recent = Recent(state)
        self._revision = 0
        """The last revision of the store that was heard; 0: none."""
        self._facts = FactsInOrder(
            lambda: self._revision,
            state.store_client.newest_revision,
            lambda heard: self._bus.handle(self._heard_change, heard),
            service.attempt,
        )
        self._store_run = ""

    def subscribe(self) -> None:
        """Subscribe to all messages."""
        self._talk.generations.hear()
        self._bus.hear(StoreChanged, self._facts.hear)
        self._bus.hear(UiActed, self._heard_action)
        self._bus.hear(JobProgressed, self._heard_progress)
        self._bus.hear(JobAnswered, lambda _heard: None)  # subscribes: orders to jobs wait for their answers
        self._bus.hear(LlmListed, self._heard_models)
        self._bus.hear(McpListed, self._heard_tools)
        self._bus.hear(McpAnswered, lambda _heard: None)  # subscribes: calls of tools wait for their answers
        self._bus.hear(LlmCancel, self._heard_cancel)
        self._bus.hear(ServiceChanged, self._heard_store, "store")
        self._bus.on_reconnected = self.catch_up
        Overflows(self._bus, self.catch_up)

    def catch_up(self) -> None:
        """Look at the store again, because messages may have been missed."""
        self._forget()  # one of the messages may have said that something was deleted for good
        self._bus.say(ServiceAsked())
        self._service.attempt(self.go_on(), "recovery")

    async def go_on(self) -> None:
        """Load the apps that are rows in the store, and go on with work that is not finished."""
        await self._state.own.load(self._state.store_client.ask)
        await self._talk.recovery.run()
        await self._talk.morning.go_on()

    # --- changes in the store ---

    def _heard_change(self, heard: Envelope) -> Work:
        fact: StoreChanged = heard.message
        self._check_revision(fact.revision)
        if not self._state.registry.fits(fact):
            return None
        self._state.queries.hear(fact)
        if fact.table == APP.name:
            self._app_changed(fact, heard.header.cause)
            return self._undone(fact, heard) if fact.undoes else None
        if fact.verb == "erase":
            self._forget()
            return None
        if fact.verb == "delete":
            self._row_gone((fact.table, fact.id))
        if fact.table in TALK:
            return self._talk_changed(fact, heard.header.id)
        self._recent.changed(fact, heard.header.cause)
        if fact.table == JOB.name:
            return self._job_changed(fact, heard)
        if fact.table == MORNING.name:
            return self._talk.morning.write(fact.row, heard.header.id) if fact.verb == "insert" else None
        if self._state.registry.app_of(fact.table) is None:
            return None
        if fact.undoes:
            return self._undone(fact, heard)
        return self._row_changed(fact, heard) if fact.actor in ("user", "app") else None

    async def _row_changed(self, fact: StoreChanged, heard: Envelope) -> None:
        await self._talk.comments.hear_change(heard)
        if fact.actor == "user":
            await self._act.habits.hear(fact, heard.header.cause, heard.header.id)

    def _undone(self, fact: StoreChanged, heard: Envelope) -> Work:
        self._act.habits.forget()
        return self._act.undo_tracker.undone(fact.undoes, fact.revision, heard.header.id)

    def _talk_changed(self, fact: StoreChanged, cause: str) -> Work:
        if fact.table == "message":
            return self._message_changed(fact, cause)
        if fact.table == WAITING.name:
            return self._talk.waiting.ask_next(fact.row["conversation"]) if fact.row else None
        return self._recent.switched(fact)

    def _app_changed(self, fact: StoreChanged, cause: str) -> None:
        """Load an own app again. The rows of its tables may have other fields now."""
        self._state.own.hear(fact)
        self._state.queries.forget()
        self._recent.changed(fact, cause)

    def _row_gone(self, ref: RowRef) -> None:
        """Say nothing more about a row that was deleted."""
        self._state.queries.events.drop_remarks(ref)
        self._talk.comments.hear_gone(ref)

    async def _job_changed(self, fact: StoreChanged, heard: Envelope) -> None:
        before = str(fact.before.get("state", fact.row.get("state")))
        if fact.verb == "update" and is_over(fact.row["state"]) != is_over(before):
            await self._act.job_cards.changed(fact.row, heard.header.id)
        await self._talk.comments.hear_change(heard)

    def _forget(self) -> None:
        """Forget all that may repeat what was deleted for good. What still exists is read again."""
        self._state.queries.forget()
        self._state.queries.events.forget()
        self._prompt.archive.forget()
        self._talk.comments.forget()
        self._act.habits.forget()

    def _check_revision(self, revision: int) -> None:
        """Catch up when a revision was missed."""
        missed = self._revision and revision != self._revision + 1
        self._revision = revision
        if missed:
            self.catch_up()

    def _message_changed(self, fact: StoreChanged, cause: str) -> Work:
        """Find out what the user wants: a question, another answer, a retry, or a proposal that they agreed to."""
        row = fact.row
        if row and row["purpose"] == "comment":
            self._recent.remarked(fact)
            return None
        if fact.verb == "insert" and row["role"] == "user":
            return None if is_imported(row) else self._asked(row, cause, restored=bool(fact.undoes))
        is_streaming_answer = row.get("role") == "assistant" and row["state"] == "streaming"
        if fact.verb == "insert" and fact.actor == "user" and is_streaming_answer:  # another answer to a question
            return self._talk.answers.again(row, cause)
        if fact.verb == "insert" and fact.actor == "user" and row["role"] == "action" and row["state"] == "agreed":
            return self._act.proposals.carry_out(row, cause)  # one line of a proposal
        if fact.verb != "update" or fact.actor != "user":
            return None
        if is_streaming_answer and row["attempt"] != fact.before.get("attempt"):
            return self._talk.answers.again(row, cause)
        if row["role"] == "action" and row["state"] == "agreed":
            return self._act.proposals.carry_out(row, cause)
        return None

    async def _asked(self, row: Row, cause: str, *, restored: bool) -> None:
        """Answer a question. `restored`: its deletion was undone, so it may have been answered long ago."""
        await self._act.proposals.decline_amended(row, cause)
        self._update_lists()
        await self._talk.answers.question(row, cause, recovered=restored)

    # --- other messages ---

    def _heard_action(self, heard: Envelope) -> Work:
        fact: UiActed = heard.message
        self._update_lists()
        self._recent.acted(fact)
        return self._talk.comments.hear_action(heard)

    def _update_lists(self) -> None:
        self._service.attempt(self._prompt.update_lists(), "prompt files")

    def _heard_progress(self, heard: Envelope) -> None:
        self._state.queries.hear_progress(heard.message)

    def _heard_models(self, heard: Envelope) -> None:
        before, self._state.queries.listed = self._state.queries.listed, heard.message
        if before.player == REHEARSAL != heard.message.player:  # there is a model now
            self._service.attempt(self._talk.morning.go_on(), "morning page")

    def _heard_tools(self, heard: Envelope) -> None:
        self._state.queries.tools = tools_of(heard.message.servers)

    def _heard_cancel(self, heard: Envelope) -> None:
        message: LlmCancel = heard.message
        self._talk.completions.stop(message.generation)

    def _heard_store(self, heard: Envelope) -> None:
        """Catch up when another store has started: the one before may have ended between a commit and its fact."""
        message: ServiceChanged = heard.message
        if message.state != "ready" or message.run == self._store_run:
            return
        known, self._store_run = bool(self._store_run), message.run
        self._bus.repeat_orders()
        if known:
            self.catch_up()
