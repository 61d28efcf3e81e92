"""Which memories the assistant may propose: those that the user's own words carry, where the user allows it."""

from collections.abc import Sequence

from apps.known.asked import to_remember
from apps.known.table import MEMORY
from apps.tables import Row
from services.agent.act.consent import Consent, is_asked_for, is_memory
from services.agent.grounding.memories import is_carried, is_known
from services.agent.parse.instructions import Scope, Step
from services.agent.state.live_query import LiveQueries

SWITCHED_OFF = "In this conversation nothing is remembered."
NOT_SAID = "The user did not say this of themselves."
KNOWN = "This is remembered already."
TOLD = "What you know of the user stands before their words; it is not read in another way."


class Memories:
    """Looks at the memories in a reply."""

    def __init__(self, queries: LiveQueries, consent: Consent) -> None:
        """Keeps nothing."""
        self._queries = queries
        self._consent = consent

    async def unreadable(self, step: Step, scope: Scope, conversation: int) -> str:
        """Return why the model may not read what a step asks for; "" if it may: only in the app of memories itself."""
        if step.table is not MEMORY:
            return ""
        is_open = MEMORY in scope.tables and await self._queries.uses_memory(conversation)
        return "" if is_open else TOLD

    async def refused(self, row: Row, steps: Sequence[Step | None], profile: int) -> dict[int, str]:
        """Return why a step of a reply may not remember what it says, by its place; the others may be proposed."""
        words = await self._consent.words(row)
        is_off = to_remember(words) is None and not await self._queries.uses_memory(row["conversation"])
        if is_off:
            return {place: SWITCHED_OFF for place, step in enumerate(steps) if step and is_memory(step)}
        known = [one["text"] for one in await self._queries.newest(MEMORY, profile)]
        found: dict[int, str] = {}
        for place, step in enumerate(steps):
            if step is None or step.order is None or not is_memory(step):
                continue
            text = str(step.order.values.get("text", ""))
            if not (is_asked_for(step, words) or is_carried(text, words)):
                found[place] = NOT_SAID
            elif is_known(text, known):
                found[place] = KNOWN
        return found
