"""The model gives a conversation its title, once, in the background, after a pause of the user.

The title that the user wrote is never replaced. The prompt is the talk as the model has just read it, with one wish
behind it, so that a server which keeps what it has read reads nothing again. A question ends it at once.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from apps.core import CONVERSATION
from apps.tables import Row
from bus.errors import PianolaError
from bus.messages import LlmGenerate, StoreOrder
from bus.settings import Settings, in_force
from bus.store_client import StoreClient
from services.agent.limits import MAX_TITLE_CHARACTERS, MAX_TITLED_QUESTIONS, TITLE_TOKENS
from services.agent.prompt.build import PromptBuilder
from services.agent.state.live_query import LiveQueries
from services.agent.state.models import ModelChooser
from services.agent.talk.endings import words_only
from services.agent.talk.generations import Generations
from services.agent.talk.priority import Priority

WISH = """\
Give our talk so far a title of two to six words, in its own language. Write nothing but the title: no quotation \
marks, no full stop, no instructions."""
EVERY_QUESTION = 2**53
REHEARSAL = "rehearsal"

NAME = "title_seconds"
"""Of the setting that says how long nothing must be asked before."""


class Titles:
    """Waits after an answer, and then has a title made, if the conversation has none but its first words."""

    def __init__(
        self,
        store_client: StoreClient,
        queries: LiveQueries,
        models: ModelChooser,
        *,
        prompt_builder: PromptBuilder,
        generations: Generations,
        priority: Priority,
        at_start: Settings,
        warn: Callable[[str], None],
    ) -> None:
        """`at_start`: says how long nothing must be asked before, if nothing is chosen. `warn`: gets a sentence."""
        self._store_client = store_client
        self._queries = queries
        self._models = models
        self._prompt_builder = prompt_builder
        self._generations = generations
        self._priority = priority
        self._at_start = at_start
        self._warn = warn

    async def write_if_due(self, answered: Row) -> None:
        """Give the conversation of an answer its title, when nothing else is going on. A failure is only logged."""
        pause_seconds = await self._pause_seconds()
        if pause_seconds <= 0 or not await self._is_wanted(answered):
            return
        await self._pause(pause_seconds)
        try:
            if await self._is_wanted(answered):  # the user may have changed anything meanwhile
                await self._write(answered)
        except PianolaError as problem:
            self._warn(f"a conversation could not be given a title: {problem}")

    async def _pause_seconds(self) -> int:
        """Return how long nothing must be asked before; 0: no titles."""
        return int(in_force(self._at_start, NAME, (await self._queries.settings()).get(NAME)))

    async def _pause(self, seconds: int) -> None:
        """Wait until no question was answered for so long."""
        ended = -1
        while ended != self._priority.ended:
            await self._priority.no_question()
            ended = self._priority.ended
            await asyncio.sleep(seconds)

    async def _is_wanted(self, answered: Row) -> bool:
        if await self._queries.mode() == "quiet" or self._queries.listed.player == REHEARSAL:
            return False
        chosen = await self._models.remarking()
        if chosen is None or chosen.form:  # a player of our own was not taught to give titles
            return False
        talk = await self._talk(answered["conversation"])
        if talk is None or talk["titled"] or talk["version"]:
            return False
        messages = await self._queries.messages(answered["conversation"])
        questions = [one for one in messages if one["role"] == "user"]
        return 0 < len(questions) <= MAX_TITLED_QUESTIONS and questions[-1]["id"] <= answered["reply_to"]

    async def _talk(self, conversation: int) -> Row | None:
        rows = await self._store_client.list(CONVERSATION.name, {"id": conversation}, limit=1)
        return rows[0] if rows else None

    async def _write(self, answered: Row) -> None:
        order = await self._order(answered)
        with self._priority.interruptible(order.generation):
            ending = await self._generations.follow(order, f"generate-{answered['generation']}")
        title = title_in(ending.text) if ending.proper else ""
        if title:
            values, where = {"title": title, "titled": "model"}, {"titled": ""}
            change = StoreOrder(
                verb="update",
                table=CONVERSATION.name,
                id=answered["conversation"],
                values=values,
                where=where,
                actor="model",
            )
            await self._store_client.ask(change, cause=f"generate-{order.generation}", id=order.generation)

    async def _order(self, answered: Row) -> LlmGenerate:
        """Return the order to generate: as if the talk were summed up, with another wish, and short."""
        row = {**answered, "id": answered["id"] + 1, "purpose": "note", "reply_to": 0, "text": ""}
        built = await self._prompt_builder.order({**row, "detail": {"upto": EVERY_QUESTION}}, wish=WISH)
        options = {**built.order.options, "num_predict": TITLE_TOKENS}
        if "thinking" in await self._capabilities():
            options["think"] = False
        # its tokens belong to no conversation: nobody shows them
        name = f"title-{answered['id']}"
        return replace(built.order, generation=name, conversation=0, options=options, purpose="step")

    async def _capabilities(self) -> tuple[str, ...]:
        chosen = await self._models.remarking()
        return tuple(chosen.model.get("capabilities") or ()) if chosen else ()


def title_in(text: str) -> str:
    """Return the title in what the model wrote; "" if it wrote something else."""
    lines = [line for line in words_only(text.strip()).splitlines() if line.strip()]
    title = " ".join(lines[0].split()).lstrip("#").strip(' .*_`"“”„«»') if len(lines) == 1 else ""
    title = title.removeprefix("Title:").strip()
    return title if 0 < len(title) <= MAX_TITLE_CHARACTERS else ""
