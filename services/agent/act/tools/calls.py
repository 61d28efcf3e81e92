"""Call tools of other programs, or ask the user first; and go on when the user has agreed.

The id of an order derives from the generation and the number of the instruction, and the process `mcp` carries each out
at most once, so a reply that is performed again after a crash calls nothing twice.
"""

from collections.abc import Sequence

from apps.core import TOOLS_ALLOWED
from apps.tables import Row
from bus.bus import Bus
from bus.errors import NoAnswer, Refused
from bus.messages import McpAnswered, McpCall, StoreOrder
from bus.store_client import StoreClient
from services.agent.act.cards import Place, acted_message, instructions_of
from services.agent.act.consent import REPEATED
from services.agent.act.steps import next_step
from services.agent.act.tools.cards import (
    answer_told,
    asking_card,
    called_card,
    called_text,
    detail_of,
    failed_card,
)
from services.agent.limits import MAX_CALL_SECONDS, MAX_PROBLEM
from services.agent.parse.instructions import Step
from services.agent.parse.tools import ToolCall
from services.agent.prompt.feedback import Feedback
from services.agent.state.live_query import LiveQueries

ASK_FIRST = "A tool of another program is called only when you agree, until you allow it."
ALWAYS = "You want to be asked before every change."
SILENT = "The process for tools (mcp) does not answer, so nobody knows whether the tool has done something."

Calls = Sequence[tuple[int, Row, Step]]
"""Number of each instruction, the instruction, and its step, which has a call."""


class ToolCalls:
    """The way from an instruction to a tool of another program."""

    def __init__(self, bus: Bus, store_client: StoreClient, queries: LiveQueries) -> None:
        """`queries`: has the settings, and the tools that there are."""
        self._bus = bus
        self._store_client = store_client
        self._queries = queries

    async def carry_out(self, calls: Calls, place: Place, feedback: Feedback, quoted: Sequence[Step]) -> list[Row]:
        """Call the tools that the user has allowed, and ask for the others; return the cards.

        `quoted`: instructions that stand in the user's words, in rows or in answers: what they say is asked first.
        """
        settings = await self._queries.settings()
        cards = []
        for index, instruction, step in calls:
            call = step.call
            if call is None:
                continue
            if reason := reason_to_ask(step, call, settings, quoted):
                feedback.texts[index] = f"The user is asked first whether to call {call.tool.called}."
                self._bus.say(acted_message(place, instruction, "proposed"), place.app, cause=place.cause)
                cards.append(asking_card(place, index, instruction, call, reason))
            else:
                cards.append(await self._call(place, index, instruction, call, feedback))
        return cards

    async def _call(self, place: Place, index: int, instruction: Row, call: ToolCall, feedback: Feedback) -> Row:
        try:
            answer = await self.answer(call, f"call-{place.generation}-{index}", place.cause)
        except Refused as refused:
            feedback.texts[index] = f"{call.tool.called} was called, but: {refused}"
            feedback.read = True
            self._bus.say(acted_message(place, instruction, "refused", 0, str(refused)), place.app, cause=place.cause)
            return failed_card(place, instruction, call, str(refused))
        feedback.texts[index] = answer_told(call, answer)
        feedback.read = True
        self._bus.say(acted_message(place, instruction, "applied"), place.app, cause=place.cause)
        return called_card(place, index, instruction, call, answer)

    async def answer(self, call: ToolCall, order_id: str, cause: str) -> str:
        """Call a tool; return what it answers, or raise `Refused` with a sentence."""
        order = McpCall(server=call.tool.server, tool=call.tool.name, arguments=dict(call.arguments))
        try:
            heard = await self._bus.ask(order, call.tool.server, cause=cause, id=order_id, seconds=MAX_CALL_SECONDS)
        except NoAnswer:
            raise Refused("failed", SILENT) from None
        answered: McpAnswered = heard.message
        if not answered.ok:
            raise Refused.by(answered.error)
        return answered.text

    # --- after the user has agreed ---

    async def agreed(self, card: Row, place: Place, call: ToolCall, cause: str) -> Row:
        """Call a tool that the user agreed to, and let the model go on; return the new values of the card."""
        instruction = instructions_of(card)[0]
        try:
            answer = await self.answer(call, f"call-{place.generation}#{card['id']}", cause)
            told = answer_told(call, answer)
        except Refused as refused:
            values: Row = {"state": "refused", "problem": str(refused)[:MAX_PROBLEM]}
            told = f"{call.tool.called} was called, but: {refused}"
            outcome = acted_message(place, instruction, "refused", 0, str(refused))
        else:
            detail = card["detail"] | detail_of(0, call, answer)
            values = {"state": "applied", "text": called_text(call, answer), "detail": detail}
            outcome = acted_message(place, instruction, "applied")
        self._bus.say(outcome, place.app, cause=place.cause)
        await self._go_on(card, told, cause)
        return values

    async def _go_on(self, card: Row, told: str, cause: str) -> None:
        """Let the model answer with what a tool has said."""
        replies = await self._store_client.list("message", {"id": card["reply_to"]}, limit=1)
        step = next_step(replies[0], Feedback(texts={0: told}, read=True), [-1]) if replies else None
        if step is None:
            return
        step["detail"].pop("results", None)  # they were told when the user was asked
        order = StoreOrder(verb="insert", table="message", values=step, actor="user")  # it is the user who goes on
        await self._store_client.ask(order, cause=cause, id=f"answer-{card['id']}")


def reason_to_ask(step: Step, call: ToolCall, settings: Row, quoted: Sequence[Step]) -> str:
    """Return why the user is asked before a call; "" if the tool is allowed. Pure."""
    allowed = settings.get(TOOLS_ALLOWED)
    if type(allowed) is not list or call.tool.called not in allowed:
        return ASK_FIRST
    if step in quoted:
        return REPEATED
    return ALWAYS if settings.get("ask") == "always" else ""
