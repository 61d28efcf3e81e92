"""Comments on what the user does: on which actions, in which mode, how many, and never before a question.

chatty: one comment for each action, one after the other; over the limit per minute, the actions that wait share one.
ambient: what an app finds worth a comment; actions in quick succession (a burst) share one; over a limit there is none.
A poke is answered in every mode, at once and whatever the limits say: the user asked for it.

A comment stands in no conversation: it is kept for the app that it is about. It is cancelled when a row that it is
about is deleted before it is complete.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from apps.core import JOB
from apps.registry import Registry
from apps.tables import Row
from apps.talk.silence import silence_in
from bus.errors import PianolaError, Refused
from bus.messages import StoreChanged, StoreOrder, UiActed
from bus.store_client import StoreClient
from bus.wire import Envelope
from services.agent.limits import MAX_ACTIONS_WAITING, MAX_COMMENTED_CHARACTERS
from services.agent.prompt.build import generation_of
from services.agent.prompt.describe import describe_action, describe_change, quoted
from services.agent.state.events import RowRef
from services.agent.state.live_query import LiveQueries
from services.agent.state.models import ModelChooser
from services.agent.talk.completions import Completions
from services.agent.talk.generations import Generations
from services.agent.talk.priority import Priority
from services.agent.talk.rate_limit import HOUR_SECONDS, RateLimit
from services.agent.talk.subjects import about_as_values, about_of, gone_rows

BURST_END_SECONDS = 1.5
"""A burst is over when no action came for this long."""
MAX_BURST_SECONDS = 6.0
"""A comment on a burst waits no longer than this."""


@dataclass(frozen=True, slots=True)
class UserAction:
    """Something that the user did. `id`: the same when it is heard again, so that there is one comment on it."""

    id: str
    words: str
    cause: str
    revision: int
    """`words` repeat rows as they were then."""
    app: str = ""
    """Name of the app in which it happened."""
    profile: int = 0
    """In which profile it happened; 0: in none."""
    about: frozenset[RowRef] = frozenset()
    """The row that a comment on it is about; none for a deletion."""
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
        self._commented_order = ""
        """The last order of a job's rows that was worth a comment."""
        self._forgotten = 0
        """How often `forget` was called."""
        self._running: tuple[str, frozenset[RowRef]] = "", frozenset()
        """The generation of the comment that is being written, and the rows that it is about."""

    # --- what the user did ---

    async def hear_change(self, heard: Envelope) -> None:
        """Take a change that the user or a job made in an app's table, or any of a job's row (`store.changed`)."""
        fact: StoreChanged = heard.message
        if fact.actor == "app" and heard.header.cause == self._commented_order:
            return  # all rows that a job makes are one order: the first one that is worth a comment counts
        app = self._app_of(fact)
        words = "" if await self._is_silent(app) else self._words_to_comment_on(fact, await self._queries.mode())
        if words:
            words = f"{words} (the program {quoted(fact.client)} did it)" if fact.client else words
            self._commented_order = heard.header.cause if fact.actor == "app" else self._commented_order
            about: frozenset[RowRef] = frozenset() if fact.verb == "delete" else frozenset({(fact.table, fact.id)})
            profile = (fact.row or fact.before).get("profile", 0)
            action = UserAction(str(fact.revision), words, heard.header.id, fact.revision, app, profile, about)
            self._take(action)

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
        app = self._registry.sound.get(self._app_of(fact))
        return app.call("worth_a_comment", str, "", fact=fact) if app else ""

    def _app_of(self, fact: StoreChanged) -> str:
        """Return the name of the app that shows a row; of a job, of the app whose job it is. "": there is none."""
        if fact.table == JOB.name:
            return str((fact.row or fact.before).get("app", ""))
        app = self._registry.app_of(fact.table)
        return app.name if app else ""

    async def _is_silent(self, app: str) -> bool:
        """Return whether the user wants no comments on this app now."""
        return silence_in(await self._queries.settings()).covers(app, time.time())

    async def hear_action(self, heard: Envelope) -> None:
        """Take an action that changed no data (`ui.acted`). Only a poke gets a comment."""
        fact: UiActed = heard.message
        if fact.action == "poked":
            words, cause = describe_action(fact), heard.header.id
            self._take(UserAction(cause, words, cause, self._queries.revision, fact.app, fact.profile, poked=True))

    def hear_gone(self, ref: RowRef) -> None:
        """A row was deleted: cancel the comment that is being written about it."""
        generation, about = self._running
        if ref in about:
            self._generations.cancel(generation)

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
        forgotten = self._forgotten
        gone = await gone_rows(self._store_client, (ref for one in user_actions for ref in one.about))
        user_actions = [one for one in user_actions if not one.about & gone]
        if not user_actions:
            return
        last = user_actions[-1]
        since = min(one.revision for one in user_actions)
        if await self._is_silent(last.app) and not last.poked:  # the user wished so while the actions waited
            return
        if forgotten != self._forgotten:
            return
        about = frozenset(ref for one in user_actions for ref in one.about)
        words = "; ".join(dict.fromkeys(one.words for one in user_actions))[:MAX_COMMENTED_CHARACTERS]
        values = {
            "conversation": 0,
            "app": last.app,
            "role": "assistant",
            "purpose": "comment",
            "state": "streaming",
            "attempt": 1,
            "detail": {"happened": words, "profile": last.profile, "about": about_as_values(about)},
        }
        order = StoreOrder(verb="insert", table="message", values=values, actor="model", since=since)
        answer = await self._store_client.ask(order, cause=last.cause, id=f"remark-{last.id}")
        row = answer.rows[0]
        if row["state"] == "streaming" and generation_of(row) not in self._generations.running:
            self._running = generation_of(row), about
            try:
                await self._complete(row, last.cause, since)
            finally:
                self._running = "", frozenset()

    async def _complete(self, row: Row, cause: str, since: int) -> None:
        """Generate the text of a comment's row, and count its tokens. Delete it if a row that it is about is gone."""
        try:
            with self._priority.interruptible(generation_of(row)):
                ended, _ = await self._completions.complete(row, cause, since)
        except Refused as refused:
            if refused.code != "not_found":  # else the user dismissed it meanwhile
                raise
            return
        if await gone_rows(self._store_client, about_of(ended)):
            order = StoreOrder(verb="delete", table="message", where={"id": row["id"]}, actor="model")
            await self._store_client.ask(order, id=f"gone-{ended['generation']}")
        tokens = (ended["detail"] or {}).get("tokens") or {}
        read = tokens.get("prompt", 0) or tokens.get("guess", 0)
        self._tokens.spend(time.monotonic(), read + tokens.get("answer", 0))
