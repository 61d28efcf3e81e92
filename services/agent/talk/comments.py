"""Comments on what the user does: on which actions, in which mode, how many, and never before a question.

chatty: one comment for each action, one after the other; over the limit per minute, the actions that wait share one.
ambient: what an app finds worth a comment; actions in quick succession (a burst) share one; over a limit there is none.
A poke is answered in every mode, at once and whatever the limits say: the user asked for it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from apps.core import JOB
from apps.registry import Registry
from apps.tables import Row
from bus.errors import PianolaError
from bus.messages import StoreChanged, StoreOrder, UiActed
from bus.store_client import StoreClient
from bus.wire import Envelope
from services.agent.limits import MAX_ACTIONS_WAITING, MAX_COMMENTED_CHARACTERS
from services.agent.prompt.build import generation_of
from services.agent.prompt.describe import describe_action, describe_change
from services.agent.state.live_query import LiveQueries
from services.agent.state.models import ModelChooser
from services.agent.talk.completions import Completions
from services.agent.talk.generations import Generations
from services.agent.talk.priority import Priority
from services.agent.talk.rate_limit import HOUR_SECONDS, RateLimit

BURST_END_SECONDS = 1.5
"""A burst is over when no action came for this long."""
MAX_BURST_SECONDS = 6.0
"""A comment on a burst waits no longer than this."""
CONVERSATION_TITLE = "Remarks"
"""Title of the conversation that is made for a comment when none is in view."""


@dataclass(frozen=True, slots=True)
class UserAction:
    """Something that the user did. `id`: the same when it is heard again, so that there is one comment on it."""

    id: str
    words: str
    cause: str
    revision: int
    """`words` repeat rows as they were then."""
    poked: bool = False
    """The user asked for a comment."""


class Comments:
    """Hears what the user does, and comments on it when it is time."""

    def __init__(
        self,
        store_client: StoreClient,
        queries: LiveQueries,
        registry: Registry,
        models: ModelChooser,
        *,
        completions: Completions,
        generations: Generations,
        priority: Priority,
        per_minute: int,
        tokens_per_hour: int,
        warn: Callable[[str], None],
    ) -> None:
        """`per_minute`: most comments in chatty mode; in ambient mode a third. `tokens_per_hour`: read and written.

        The store's settings `comments_per_minute` and `comment_tokens_per_hour` win over both. `warn`: gets a sentence
        about a comment that failed.
        """
        self._store_client = store_client
        self._queries = queries
        self._registry = registry
        self._models = models
        self._completions = completions
        self._generations = generations
        self._priority = priority
        self._default_limits = {"comments_per_minute": per_minute, "comment_tokens_per_hour": tokens_per_hour}
        self._per_minute = {"chatty": RateLimit(per_minute), "ambient": RateLimit(per_minute // 3)}
        self._tokens = RateLimit(tokens_per_hour, HOUR_SECONDS)
        self._warn = warn
        self._waiting: deque[UserAction] = deque(maxlen=MAX_ACTIONS_WAITING)
        self._action_came = asyncio.Event()
        self._forgotten = 0
        """How often `forget` was called."""

    # --- what the user did ---

    async def hear_change(self, heard: Envelope) -> None:
        """Take a change that the user made in an app's table, or any of a job (`store.changed`)."""
        fact: StoreChanged = heard.message
        words = self._words_to_comment_on(fact, await self._queries.mode())
        if words:
            self._take(UserAction(str(fact.revision), words, heard.header.id, fact.revision))

    def _words_to_comment_on(self, fact: StoreChanged, mode: str) -> str:
        """Return what to comment on, "" for nothing."""
        if mode == "quiet":
            return ""
        words = self._worth_a_comment(fact)
        if words or mode == "ambient" or fact.actor != "user":
            return words
        table = self._registry.tables.get(fact.table)  # None: this process left its app out
        return describe_change(fact, table) if table else ""

    def _worth_a_comment(self, fact: StoreChanged) -> str:
        app = self._registry.app_of(fact.table)
        if fact.table == JOB.name:  # the app whose job it is
            app = self._registry.sound.get((fact.row or fact.before).get("app", ""))
        return app.call("worth_a_comment", str, "", fact=fact) if app else ""

    async def hear_action(self, heard: Envelope) -> None:
        """Take an action that changed no data (`ui.acted`). Only a poke gets a comment."""
        fact: UiActed = heard.message
        if fact.action == "poked":
            words, cause = describe_action(fact), heard.header.id
            self._take(UserAction(cause, words, cause, self._queries.revision, poked=True))

    def forget(self) -> None:
        """Drop what waits for a comment: something was deleted for good, and it may repeat words of it."""
        self._waiting.clear()
        self._forgotten += 1

    def _take(self, user_action: UserAction) -> None:
        self._waiting.append(user_action)
        self._action_came.set()

    # --- when to comment ---

    async def run(self) -> None:
        """Make one comment after the other, each when it is time, until the process ends."""
        while True:
            if not self._waiting:
                self._action_came.clear()
                await self._action_came.wait()
            if await self._queries.mode() == "ambient":
                await self._wait_for_end_of_burst()
            await self._priority.no_question()
            if await self._models.remarking() is None:  # no model on this machine, and no other may hear what is done
                self._waiting.clear()
            elif user_actions := await self._next_actions(await self._queries.mode()):  # the mode may have changed
                try:
                    await self._comment_on(user_actions)
                except PianolaError as problem:  # for example, the row or its conversation was deleted meanwhile
                    self._warn(f"a comment could not be written: {problem}")

    async def _wait_for_end_of_burst(self) -> None:
        """Wait until the user pauses or pokes, or until the burst has lasted long enough."""
        until = time.monotonic() + MAX_BURST_SECONDS
        while (left := until - time.monotonic()) > 0 and not self._waiting_poke():
            if not await self._wait_for_action(min(BURST_END_SECONDS, left)):
                return

    async def _wait_for_action(self, seconds: float) -> bool:
        """Wait for at most so long; return true as soon as the user does something."""
        self._action_came.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._action_came.wait()
        except TimeoutError:
            return False
        return True

    def _waiting_poke(self) -> UserAction | None:
        return next((one for one in self._waiting if one.poked), None)

    async def _load_limits(self) -> None:
        """Take over the limits from the store's settings."""
        settings = await self._queries.settings()
        per_minute, tokens = (
            chosen if type(chosen := settings.get(name)) is int else default
            for name, default in self._default_limits.items()
        )
        self._per_minute["chatty"].most = max(1, per_minute)
        self._per_minute["ambient"].most = max(1, per_minute // 3)
        self._tokens.most = max(1, tokens)

    async def _next_actions(self, mode: str) -> list[UserAction]:
        """Return the actions that the next comment is about, within the limits; [] for no comment now."""
        if poke := self._waiting_poke():
            self._waiting.remove(poke)
            return [poke]
        await self._load_limits()
        now = time.monotonic()
        seconds = self._per_minute[mode].wait_seconds(now) if mode in self._per_minute else 0.0
        if mode == "quiet" or self._tokens.wait_seconds(now) or (seconds and mode == "ambient"):
            self._waiting.clear()
            return []
        together = mode == "ambient" or seconds > 0
        while seconds > 0 and not self._waiting_poke():
            await self._wait_for_action(seconds)
            seconds = self._per_minute[mode].wait_seconds(time.monotonic())
        await self._priority.no_question()
        if self._waiting_poke():
            return []  # the poke goes first: `run` finds it next
        self._per_minute[mode].spend(time.monotonic())
        user_actions = list(self._waiting) if together else [self._waiting[0]]
        for _ in user_actions:
            self._waiting.popleft()
        return user_actions

    # --- one comment ---

    async def _comment_on(self, user_actions: list[UserAction]) -> None:
        last, forgotten = user_actions[-1], self._forgotten
        since = min(one.revision for one in user_actions)
        conversation = await self._conversation(last)
        if forgotten != self._forgotten:
            return
        words = "; ".join(dict.fromkeys(one.words for one in user_actions))[:MAX_COMMENTED_CHARACTERS]
        values = {
            "conversation": conversation,
            "role": "assistant",
            "purpose": "comment",
            "state": "streaming",
            "attempt": 1,
            "detail": {"happened": words},
        }
        order = StoreOrder(verb="insert", table="message", values=values, actor="model", since=since)
        answer = await self._store_client.ask(order, cause=last.cause, id=f"remark-{last.id}")
        row = answer.rows[0]
        if row["state"] == "streaming" and generation_of(row) not in self._generations.running:
            await self._complete(row, last.cause, since)

    async def _complete(self, row: Row, cause: str, since: int) -> None:
        """Generate the text of a comment's row, and count its tokens."""
        with self._priority.interruptible(generation_of(row)):
            ended, _ = await self._completions.complete(row, cause, since)
        tokens = (ended["detail"] or {}).get("tokens") or {}
        read = tokens.get("prompt", 0) or tokens.get("guess", 0)
        self._tokens.spend(time.monotonic(), read + tokens.get("answer", 0))

    async def _conversation(self, user_action: UserAction) -> int:
        """Return the conversation in view; if there is none, make one and bring it into view."""
        current = (await self._queries.settings()).get("conversation")
        if type(current) is int and current > 0:
            return current
        values = {"title": CONVERSATION_TITLE}
        order = StoreOrder(verb="insert", table="conversation", values=values, actor="model")
        made = await self._store_client.ask(order, cause=user_action.cause, id=f"remark-{user_action.id}-conversation")
        number: int = made.rows[0]["id"]
        show = StoreOrder(verb="update", table="setting", id="conversation", values={"value": number}, actor="model")
        await self._store_client.ask(show, cause=user_action.cause, id=f"remark-{user_action.id}-show")
        return number
