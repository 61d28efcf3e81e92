"""Drafts of a workflow's step: what the model answered becomes the proposal for the step's text.

The page asks with a message of the user whose `detail.drafts` names the run, its step and its turn. Its answer streams
in the chat as any other, and can be stopped, retried and recovered in the same way. Instead of doing what the answer
says, the agent puts its words into the run's `proposed`: never into what the user has typed.
"""

from apps.tables import Row
from apps.work.runs import RUN
from apps.work.workflows import DRAFT
from bus.errors import Refused
from bus.messages import StoreOrder
from bus.store_client import StoreClient
from services.agent.prompt.build import generation_of
from services.agent.talk.endings import words_only

OVERTAKEN = ("conflict", "not_found", "missing_field", "unknown_table")
"""Why a proposal cannot be stored: the run has gone on, is locked, or is gone. The text stays in the chat."""


def drafts_of(message: Row) -> Row:
    """Return which run a question, or the answer to it, drafts for: `{}` for none, else `{"drafts": …}`."""
    drafts = (message["detail"] or {}).get("drafts")
    return {"drafts": drafts} if drafts else {}


class Drafts:
    """Hands finished drafts over to their runs."""

    def __init__(self, store_client: StoreClient) -> None:
        """Nothing is stored before `deliver`."""
        self._store_client = store_client

    async def deliver(self, answer: Row) -> None:
        """Put the text of a finished answer into the run that asked for it, and mark the answer as carried out."""
        drafts = answer["detail"]["drafts"]
        played = {"detail": answer["detail"] | {"played": True}}
        mark = {"verb": "update", "table": "message", "id": answer["id"], "values": played}
        text = words_only(answer["text"]).strip()[: DRAFT.limit]
        propose = {
            "verb": "update",
            "table": RUN.name,
            "id": drafts.get("run"),
            "values": {"proposed": {DRAFT.name: text}},
            "where": {"step": drafts.get("step"), "turn": drafts.get("turn"), "finalised": False},
        }
        try:
            await self._order([propose, mark] if text else [mark], answer, "draft")
        except Refused as refused:
            if refused.code not in OVERTAKEN:
                raise
            await self._order([mark], answer, "draft-late")

    async def _order(self, orders: list[Row], answer: Row, name: str) -> None:
        order = StoreOrder(verb="batch", table="message", values={"orders": orders}, actor="model")
        generation = generation_of(answer)
        await self._store_client.ask(order, cause=f"generate-{generation}", id=f"{name}-{generation}")
