"""Remarks on what the user does: which deserve one, in which mode, how many, and never before a question.

chatty: one for each action, one after the other; what comes faster than the budget allows is remarked on together.
ambient: what an app finds worth it; actions in quick succession (a burst) become one remark; over the budget: none.
A poke is answered in every mode, at once, and whatever was spent: the user asked for it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from apps.registry import Registry
from apps.tables import Row
from bus.errors import PianolaError
from bus.messages import StoreChanged, StoreOrder, UiActed
from bus.wire import Envelope
from services.agent.prompt import describe
from services.agent.prompt.build import generation_of
from services.agent.state.live_query import LiveQueries
from services.agent.state.store_client import StoreClient
from services.agent.talk.answers import Answers
from services.agent.talk.generations import Generations
from services.agent.talk.rate_limit import HOUR_SECONDS, RateLimit

BURST_QUIET_SECONDS = 1.5
"""So long after the last action, a burst is over."""
BURST_LONGEST_SECONDS = 6.0
MOST_WAITING = 20
LONGEST_HAPPENED = 1_000
TITLE = "Remarks"


@dataclass(frozen=True, slots=True)
class UserAction:
    """Something the user did. `id`: the same whenever it is heard again, so that it is remarked on once."""

    id: str
    words: str
    cause: str
    poked: bool = False
    """The user asked for a remark."""


class Comments:
    """Hears what the user does, and remarks on it when it is time."""

    def __init__(
        self,
        store_client: StoreClient,
        queries: LiveQueries,
        registry: Registry,
        *,
        answers: Answers,
        generations: Generations,
        per_minute: int,
        tokens_per_hour: int,
        warn: Callable[[str], None],
    ) -> None:
        """`per_minute`: most remarks in chatty mode; ambient takes a third. The settings of the same names win.

        `warn`: told of what went wrong.
        """
        self._store_client = store_client
        self._queries = queries
        self._registry = registry
        self._answers = answers
        self._generations = generations
        self._limits = {"comments_per_minute": per_minute, "comment_tokens_per_hour": tokens_per_hour}
        self._limits_per_minute = {"chatty": RateLimit(per_minute), "ambient": RateLimit(per_minute // 3)}
        self._tokens = RateLimit(tokens_per_hour, HOUR_SECONDS)
        self._warn = warn
        self._waiting: deque[UserAction] = deque(maxlen=MOST_WAITING)
        self._news = asyncio.Event()
        self._speaking = ""
        """The generation of the remark that is being made."""

    # --- what happened ---

    async def fact(self, heard: Envelope) -> None:
        """Take a change by the user in an app's table."""
        fact: StoreChanged = heard.message
        mode = await self._queries.mode()
        said = self._in_words(fact, mode)
        if said:
            self._take(UserAction(str(fact.revision), said, heard.header.id))

    def _in_words(self, fact: StoreChanged, mode: str) -> str:
        """Return what to remark on, "" for nothing."""
        if mode == "quiet":
            return ""
        worth = self._worth(fact)
        if worth or mode == "ambient":
            return worth
        return describe.changed(fact, self._registry.tables[fact.table])

    def _worth(self, fact: StoreChanged) -> str:
        app = self._registry.app_of(fact.table)
        return app.call("worth_a_comment", str, "", fact=fact) if app else ""

    async def acted(self, heard: Envelope) -> None:
        """Take an action that changed nothing: being poked deserves an answer."""
        fact: UiActed = heard.message
        if fact.action == "poked":
            self._take(UserAction(heard.header.id, describe.acted(fact), heard.header.id, poked=True))

    def _take(self, user_action: UserAction) -> None:
        self._waiting.append(user_action)
        self._news.set()

    def give_way(self) -> None:
        """End the remark that is being made: the user asks something."""
        if self._speaking:
            self._generations.cancel(self._speaking)

    # --- the remarks ---

    async def remark_for_ever(self) -> None:
        """Make one remark after the other, each when it is its time."""
        while True:
            if not self._waiting:
                self._news.clear()
                await self._news.wait()
            if await self._queries.mode() == "ambient":
                await self._burst()
            await self._answers.quiet.wait()
            if user_actions := await self._due(await self._queries.mode()):  # the user may have changed it meanwhile
                try:
                    await self._remark(user_actions)
                except PianolaError as problem:  # the row or its conversation was deleted meanwhile, say
                    self._warn(f"a remark could not be made: {problem}")

    async def _burst(self) -> None:
        """Wait until the user has paused, or for long enough."""
        until = time.monotonic() + BURST_LONGEST_SECONDS
        while (left := until - time.monotonic()) > 0 and not self._poke():
            if not await self._hears_more(min(BURST_QUIET_SECONDS, left)):
                return

    async def _hears_more(self, seconds: float) -> bool:
        """Wait for so long; return at once, and true, when something happens."""
        self._news.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    def _poke(self) -> UserAction | None:
        return next((one for one in self._waiting if one.poked), None)

    async def _heed_settings(self) -> None:
        """Take over the budgets that the user has chosen."""
        settings = await self._queries.settings()
        per_minute, tokens = (
            chosen if type(chosen := settings.get(name)) is int else usual for name, usual in self._limits.items()
        )
        self._limits_per_minute["chatty"].most, self._limits_per_minute["ambient"].most = (
            max(1, per_minute),
            max(1, per_minute // 3),
        )
        self._tokens.most = max(1, tokens)

    async def _due(self, mode: str) -> list[UserAction]:
        """Return what the next remark is about, within the budgets; [] for none now."""
        if poke := self._poke():
            self._waiting.remove(poke)
            return [poke]
        await self._heed_settings()
        now = time.monotonic()
        seconds = self._limits_per_minute[mode].wait_seconds(now) if mode in self._limits_per_minute else 0.0
        if mode == "quiet" or self._tokens.wait_seconds(now) or (seconds and mode == "ambient"):
            self._waiting.clear()
            return []
        together = mode == "ambient" or seconds > 0
        while seconds > 0 and not self._poke():
            await self._hears_more(seconds)
            seconds = self._limits_per_minute[mode].wait_seconds(time.monotonic())
        await self._answers.quiet.wait()
        if self._poke():
            return []  # it goes first: the next turn finds it
        self._limits_per_minute[mode].spend(time.monotonic())
        user_actions = list(self._waiting) if together else [self._waiting[0]]
        for _ in user_actions:
            self._waiting.popleft()
        return user_actions

    async def _remark(self, user_actions: list[UserAction]) -> None:
        last = user_actions[-1]
        conversation = await self._conversation(last)
        happened = "; ".join(dict.fromkeys(one.words for one in user_actions))[:LONGEST_HAPPENED]
        values = {
            "conversation": conversation,
            "role": "assistant",
            "purpose": "comment",
            "state": "streaming",
            "attempt": 1,
            "detail": {"happened": happened},
        }
        order = StoreOrder(verb="insert", table="message", values=values, actor="model")
        answer = await self._store_client.ask(order, cause=last.cause, id=f"remark-{last.id}")
        row = answer.rows[0]
        if row["state"] == "streaming" and generation_of(row) not in self._generations.running:
            await self.speak(row, last.cause)

    async def speak(self, row: Row, cause: str) -> None:
        """Generate the text of a remark's row."""
        self._speaking = generation_of(row)
        try:
            said, _ = await self._answers.say(row, cause)
        finally:
            self._speaking = ""
        tokens = (said["detail"] or {}).get("tokens") or {}
        read = tokens.get("prompt", 0) or tokens.get("guess", 0)
        self._tokens.spend(time.monotonic(), read + tokens.get("answer", 0))

    async def _conversation(self, user_action: UserAction) -> int:
        """Return the conversation in view; where there is none, make one and bring it into view."""
        current = (await self._queries.settings()).get("conversation")
        if type(current) is int and current > 0:
            return current
        order = StoreOrder(verb="insert", table="conversation", values={"title": TITLE}, actor="model")
        made = await self._store_client.ask(order, cause=user_action.cause, id=f"remark-{user_action.id}-conversation")
        number: int = made.rows[0]["id"]
        show = StoreOrder(verb="update", table="setting", id="conversation", values={"value": number}, actor="model")
        await self._store_client.ask(show, cause=user_action.cause, id=f"remark-{user_action.id}-show")
        return number
