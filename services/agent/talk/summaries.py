"""When the model's window is nearly full: have the older talk summed up in a note, which the user sees and may edit.

A note is a message of purpose `note`; its `detail.upto` is the last question that it stands for. It is written after an
answer, while the user reads, and gives way to the next question.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from apps.tables import Row
from bus.errors import PianolaError
from bus.messages import StoreOrder
from services.agent.prompt.build import generation_of
from services.agent.prompt.turns import last_note
from services.agent.state.live_query import MOST_TURNS, LiveQueries
from services.agent.state.store_client import StoreClient
from services.agent.talk.generations import Generations

NEARLY_FULL = 0.6
"""Of the window: three quarters of it are for reading, the rest for the answer."""
KEPT_QUESTIONS = 2
"""The newest ones, which stay word for word."""
FEWEST_QUESTIONS = 2
"""Fewer are not worth a note."""
MANY_MESSAGES = MOST_TURNS * 3 // 4


class Summaries:
    """Looks after each answer whether a note is due."""

    def __init__(
        self, store_client: StoreClient, queries: LiveQueries, generations: Generations, warn: Callable[[str], None]
    ) -> None:
        """`warn`: gets a sentence when a note could not be written."""
        self._store_client = store_client
        self._queries = queries
        self._generations = generations
        self._warn = warn
        self._writing = ""

    async def due(self, answered: Row) -> Row | None:
        """Order the row of a note when the window is nearly full; return it."""
        messages = await self._queries.messages(answered["conversation"])
        if not (is_nearly_full(answered) or len(messages) > MANY_MESSAGES):
            return None
        upto = last_of_old(messages)
        if not upto or self._queries.listed.player == "rehearsal":
            return None
        values = {
            "conversation": answered["conversation"],
            "role": "assistant",
            "purpose": "note",
            "state": "streaming",
            "attempt": 1,
            "detail": {"upto": upto},
        }
        order = StoreOrder(verb="insert", table="message", values=values, actor="model")
        cause = f"generate-{answered['generation']}"
        answer = await self._store_client.ask(order, cause=cause, id=f"note-{answered['generation']}")
        made = answer.rows[0] if answer.rows else None
        return made if made and made["state"] == "streaming" else None

    async def write(self, answered: Row, say: Callable[[Row, str], Awaitable[Any]]) -> None:
        """Have a note written when one is due. `say`: generates the text of a row."""
        try:
            if row := await self.due(answered):
                self._writing = generation_of(row)
                await say(row, f"generate-{answered['generation']}")
        except PianolaError as problem:
            self._warn(f"a note could not be written: {problem}")
        finally:
            self._writing = ""

    def give_way(self) -> None:
        """End the note that is being written: the user asks something, and it can be written later."""
        if self._writing:
            self._generations.cancel(self._writing)


def is_nearly_full(row: Row) -> bool:
    """Return whether what an answer was told fills most of the model's window."""
    tokens = (row["detail"] or {}).get("tokens") or {}
    told = max(tokens.get("prompt", 0), tokens.get("guess", 0))
    return bool(told >= NEARLY_FULL * tokens.get("window", 1) > 0)


def last_of_old(messages: list[Row]) -> int:
    """Return the id of the last question that a new note would stand for, 0 when there is nothing to sum up."""
    note = last_note(messages)
    upto = (note["detail"] or {}).get("upto", 0) if note else 0
    questions = [row["id"] for row in messages if row["role"] == "user" and row["id"] > upto]
    old = questions[:-KEPT_QUESTIONS]
    return old[-1] if len(old) >= FEWEST_QUESTIONS else 0
