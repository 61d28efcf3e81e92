"""The user says "remember that …": their own words become a row at once, with Undo, and no model is asked.

For the message Q the orders are `remember-Q` (the row), `answer-Q` (the answer) and `remembered-Q` (the card), so that
work which is repeated after a crash does nothing twice.
"""

from apps.known.asked import to_remember
from apps.known.table import MEMORY
from apps.registry import Registry
from apps.tables import Row
from bus.bus import Bus
from bus.errors import Refused
from bus.messages import StoreAnswer, StoreOrder
from bus.store_client import StoreClient
from services.agent.act.cards import DoneChange, Place, acted_message, applied_card
from services.agent.act.planned import PlannedChange
from services.agent.parse.instructions import Step
from services.agent.state.live_query import LiveQueries
from services.agent.state.scope import open_app, profile_of

REMEMBERED = "I will remember that."
NOT_REMEMBERED = "Nothing was remembered: {problem}"


class Remembering:
    """Stores what the user wants to be remembered."""

    def __init__(self, bus: Bus, store_client: StoreClient, queries: LiveQueries, registry: Registry) -> None:
        """`registry`: the apps; without the app of memories, such a message is one like others."""
        self._bus = bus
        self._store_client = store_client
        self._queries = queries
        self._registry = registry

    def is_for(self, question: Row) -> bool:
        """Return whether a message says what to remember, and no more."""
        is_more = (question["detail"] or {}).keys() & {"drafts", "amends"}
        return not is_more and MEMORY.name in self._registry.tables and to_remember(question["text"]) is not None

    async def carry_out(self, question: Row, cause: str) -> None:
        """Remember it, and answer the message."""
        settings = await self._queries.settings()
        order = self._order(question, profile_of(settings))
        try:
            made: StoreAnswer | None = await self._store_client.ask(
                order, cause=cause, id=f"remember-{question['id']}"
            )
            said = REMEMBERED
        except Refused as refused:
            made, said = None, NOT_REMEMBERED.format(problem=refused)
        answer = await self._answer(question, said, cause)
        if made is not None and made.rows:
            place = Place(
                answer["id"], question["conversation"], answer["generation"], open_app(self._registry, settings).name
            )
            await self._show(place, order, made, question["id"], cause)

    def _order(self, question: Row, profile: int) -> StoreOrder:
        text = to_remember(question["text"]) or ""
        values = {"text": text, "profile": profile}
        return StoreOrder(verb="insert", table=MEMORY.name, values=values, actor="model")

    async def _answer(self, question: Row, text: str, cause: str) -> Row:
        values = {
            "conversation": question["conversation"],
            "role": "assistant",
            "state": "done",
            "text": text,
            "reply_to": question["id"],
            "generation": f"answer-{question['id']}",
            "attempt": 1,
            "detail": {"played": True},
        }
        order = StoreOrder(verb="insert", table="message", values=values, actor="model")
        answer = await self._store_client.ask(order, cause=cause, id=f"answer-{question['id']}")
        return answer.rows[0]

    async def _show(self, place: Place, order: StoreOrder, made: StoreAnswer, question: int, cause: str) -> None:
        """Put the card with Undo into the chat."""
        instruction: Row = {"operation": "insert", "table": MEMORY.name, "values": order.values}
        planned = PlannedChange(0, instruction, Step("insert", order, MEMORY), {})
        card = applied_card(place, [DoneChange(planned, made.rows[0], {}, made.changes)])
        insert = StoreOrder(verb="insert", table="message", values=card, actor="model")
        await self._store_client.ask(insert, cause=cause, id=f"remembered-{question}")
        change = card["detail"]["change"]
        self._bus.say(acted_message(place, instruction, "applied", change), place.app, cause=cause)
