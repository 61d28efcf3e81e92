"""The questions that wait: each is asked when the answer before it has ended, in the order that the user sees.

A question that waits is a row of the table `waiting_message`. To ask it, one order inserts the message and deletes this
row, so it is asked once, whatever crashes. The user may edit, move or remove the row until then.
"""

from apps.core import WAITING
from apps.tables import Row
from apps.talk.remarks import is_remark, orders_to_take
from bus.errors import Refused
from bus.messages import StoreOrder
from bus.store_client import StoreClient
from services.agent.act.proposals import Proposals
from services.agent.state.origins import origin
from services.agent.talk.answers import Answers

MOST_ROWS = 1_000
"""Rows that are looked at after a start: more questions than anybody has waiting."""
ORDERS_BEHIND = 3
"""The message is inserted by the third order from the end."""


class Waiting:
    """Asks the questions that wait in each conversation, one after the other."""

    def __init__(self, store_client: StoreClient, answers: Answers, proposals: Proposals) -> None:
        """Nothing is asked before `ask_next`."""
        self._store_client = store_client
        self._answers = answers
        self._proposals = proposals
        self._running: set[int] = set()
        """Conversations whose questions are being asked."""
        self._again: set[int] = set()
        """Those in which another question came meanwhile."""

    async def conversations(self) -> set[int]:
        """Return the conversations in which something waits."""
        rows = await self._store_client.list(WAITING.name, sort="id", limit=MOST_ROWS)
        return {row["conversation"] for row in rows}

    async def ask_next(self, conversation: int) -> None:
        """Ask what waits in a conversation, each when the answer before it has ended, until nothing waits there."""
        self._again.add(conversation)
        if conversation in self._running:
            return
        self._running.add(conversation)
        try:
            while conversation in self._again:
                self._again.discard(conversation)
                while (row := await self._next(conversation)) is not None:
                    await self._ask(row)
        finally:
            self._running.discard(conversation)

    async def _next(self, conversation: int) -> Row | None:
        """Return the first question that waits, as soon as no answer is being given; None if there is none."""
        while True:
            await self._answers.idle.wait(conversation)
            rows = await self._store_client.list(WAITING.name, {"conversation": conversation}, sort="position", limit=1)
            if not self._answers.idle.is_answering(conversation):
                return rows[0] if rows else None

    async def _ask(self, row: Row) -> None:
        """Put a question into its conversation, and answer it. If the user has changed it meanwhile, do nothing."""
        cause = await origin(self._store_client, WAITING.name, row["id"])
        orders = await self._orders(row)
        order = StoreOrder(verb="batch", table="message", values={"orders": orders}, actor="user")
        try:
            answer = await self._store_client.ask(order, cause=cause)
        except Refused as refused:
            if refused.code not in ("conflict", "not_found"):
                raise
            return
        question = answer.rows[len(orders) - ORDERS_BEHIND]
        await self._proposals.decline_amended(question, cause)
        await self._answers.question(question, cause)

    async def _orders(self, row: Row) -> list[Row]:
        """Return the orders that make a message of a row that waits, if it is still as it was read."""
        detail = {**(row["detail"] or {}), "waited": row["id"]}
        taken = await self._orders_to_take(detail.pop("remark", 0), row["conversation"])
        values = {"conversation": row["conversation"], "role": "user", "text": row["text"], "detail": detail}
        same = {"text": row["text"]}
        return [
            *taken,
            {"verb": "insert", "table": "message", "values": values},
            {"verb": "update", "table": WAITING.name, "id": row["id"], "values": same, "where": same},
            {"verb": "delete", "table": WAITING.name, "id": row["id"]},
        ]

    async def _orders_to_take(self, remark: int, conversation: int) -> list[Row]:
        """Return the orders that take the remark which a question answers into the talk, unless it is gone."""
        rows = await self._store_client.list("message", {"id": remark}, limit=1) if remark else []
        return orders_to_take(rows[0], conversation) if rows and is_remark(rows[0]) else []
