"""When the model's context is nearly full, the older part of a conversation is summed up in a message.

The user sees this message and may edit it. Its purpose is `note`; its `detail.upto` is the id of the last question that
it sums up. It is written after an answer, while the user reads, and is cancelled by the next question.
"""

from collections.abc import Callable

from apps.tables import Row
from bus.errors import PianolaError
from bus.messages import StoreOrder
from bus.store_client import StoreClient
from services.agent.limits import MANY_MESSAGES, MIN_SUMMARISED_QUESTIONS, NEARLY_FULL_SHARE, UNSUMMARISED_QUESTIONS
from services.agent.prompt.build import generation_of
from services.agent.prompt.turns import last_summary
from services.agent.state.live_query import LiveQueries
from services.agent.state.models import ModelChooser
from services.agent.talk.completions import Completions
from services.agent.talk.priority import Priority


class Summaries:
    """Writes a summary after an answer, when one is due."""

    def __init__(
        self,
        store_client: StoreClient,
        queries: LiveQueries,
        models: ModelChooser,
        *,
        completions: Completions,
        priority: Priority,
        warn: Callable[[str], None],
    ) -> None:
        """`warn`: gets a sentence when a summary could not be written."""
        self._store_client = store_client
        self._queries = queries
        self._models = models
        self._completions = completions
        self._priority = priority
        self._warn = warn

    async def write_if_due(self, answered: Row) -> None:
        """Write a summary when one is due after this answer. A failure is only logged."""
        try:
            if row := await self._order_if_due(answered):
                with self._priority.interruptible(generation_of(row)):
                    await self._completions.complete(row, f"generate-{answered['generation']}")
        except PianolaError as problem:
            self._warn(f"a summary could not be written: {problem}")

    async def _order_if_due(self, answered: Row) -> Row | None:
        """Order the row of a summary when one is due; return the row."""
        messages = await self._queries.messages(answered["conversation"])
        if not (is_nearly_full(answered) or is_long(messages)):
            return None
        upto = last_to_sum_up(messages)
        if not upto or self._queries.listed.player == "rehearsal":
            return None
        if (chosen := await self._models.remarking()) and chosen.form:  # it was not taught to sum up
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


def is_nearly_full(row: Row) -> bool:
    """Return whether the prompt of an answer filled most of the model's context."""
    tokens = (row["detail"] or {}).get("tokens") or {}
    read = max(tokens.get("prompt", 0), tokens.get("guess", 0))
    return bool(read >= NEARLY_FULL_SHARE * tokens.get("window", 1) > 0)


def is_long(messages: list[Row]) -> bool:
    """Return whether many messages of a conversation are in no summary yet."""
    upto = summed_up(messages)
    return len([row for row in messages if row["id"] > upto]) > MANY_MESSAGES


def summed_up(messages: list[Row]) -> int:
    """Return the id of the last question in the newest summary; 0 when there is none."""
    summary = last_summary(messages)
    return int((summary["detail"] or {}).get("upto", 0)) if summary else 0


def last_to_sum_up(messages: list[Row]) -> int:
    """Return the id of the last question that a new summary would sum up; 0 when there is too little."""
    upto = summed_up(messages)
    questions = [row["id"] for row in messages if row["role"] == "user" and row["id"] > upto]
    old = questions[:-UNSUMMARISED_QUESTIONS]
    return old[-1] if len(old) >= MIN_SUMMARISED_QUESTIONS else 0
