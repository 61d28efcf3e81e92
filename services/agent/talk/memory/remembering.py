"""The user says "remember that …": their own words become a row at once, with Undo, and no model is asked.

The answer is written here as a model would write it, with the instruction behind the words. So whatever follows is as
after any other answer: the card, Undo, "Why?", and going on after a crash.
"""

import json

from apps.known.asked import to_remember
from apps.known.table import MEMORY
from apps.registry import Registry
from apps.tables import BadValue, Row
from bus.messages import StoreOrder
from bus.store_client import StoreClient
from services.agent.grounding.memories import is_known
from services.agent.parse.spans import spans_of
from services.agent.prompt.build import generation_of
from services.agent.prompt.turns import question_of
from services.agent.state.live_query import LiveQueries
from services.agent.state.scope import profile_of
from services.agent.talk.completions import generate_order_id
from services.agent.talk.generations import Ending

REMEMBERED = "I will remember that."
KNOWN = "I know that already."
NOT_REMEMBERED = "Nothing was remembered: {problem}"
MORE_THAN_WORDS = ("drafts", "amends")
"""Keys in `detail` of a question that is about something else than its words alone."""


class Remembering:
    """Answers messages that say what to remember."""

    def __init__(self, store_client: StoreClient, queries: LiveQueries, registry: Registry) -> None:
        """`registry`: the apps; without the app of memories, such a message is one like others."""
        self._store_client = store_client
        self._queries = queries
        self._registry = registry

    async def complete(self, row: Row) -> tuple[Row, Ending] | None:
        """Write the text of an answer to such a message; return it as it is then. None: a model is to answer."""
        text = await self._wanted(row)
        if text is None:
            return None
        ending = Ending("done", await self._answer(text))
        name = generation_of(row)
        detail = {"path": "text"} | ({"spans": spans} if (spans := spans_of(ending.text)) else {})
        values = {"state": ending.state, "text": ending.text, "generation": name, "detail": detail}
        where = {"state": "streaming", "attempt": row["attempt"]}
        order = StoreOrder(verb="update", table="message", id=row["id"], values=values, where=where, actor="model")
        stored = await self._store_client.ask(order, cause=generate_order_id(row), id=f"end-{name}")
        ended = stored.rows[0] if stored.rows else row | values
        self._queries.learn("message", ended, stored.revision)
        return ended, ending

    async def _wanted(self, row: Row) -> str | None:
        """Return what the question of an answer wants to be remembered; None for nothing."""
        if row["purpose"] != "chat" or row["text"] or MEMORY.name not in self._registry.tables:
            return None
        question = question_of(await self._queries.messages(row["conversation"]), row)
        if question is None or (question["detail"] or {}).keys() & set(MORE_THAN_WORDS):
            return None
        return to_remember(question["text"])

    async def _answer(self, text: str) -> str:
        """Return the answer: with the instruction, or why nothing is remembered."""
        try:
            checked = MEMORY.all_fields["text"].checked(text)
        except BadValue as problem:
            return NOT_REMEMBERED.format(problem=problem)
        known = await self._queries.newest(MEMORY, profile_of(await self._queries.settings()))
        if is_known(checked, (one["text"] for one in known)):
            return KNOWN
        instruction = {"operation": "insert", "table": MEMORY.name, "values": {"text": checked}}
        return f"{REMEMBERED}\n```json\n{as_json(instruction)}\n```"


def as_json(instruction: Row) -> str:
    """Return an instruction as JSON in which no text can be taken for the end of a fence or for a model's mark."""
    written = json.dumps(instruction, ensure_ascii=False)
    return written.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "`<>|"})
