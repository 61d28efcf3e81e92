"""What the user says to a proposal: do it, don't, or do it differently.

Agreed to, it is carried out in one transaction, and only if the rows are still as they were shown.
"""

from apps.registry import Registry
from apps.tables import Row
from bus.bus import Bus
from bus.errors import Refused
from bus.messages import StoreOrder
from services.agent.act import cards
from services.agent.act.actions import Actions
from services.agent.act.cards import Place, place_of
from services.agent.act.planned import PlannedChange, guards_of, orders_of
from services.agent.parse.arguments import BadInstruction
from services.agent.parse.instructions import check
from services.agent.state.scope import scope_of
from services.agent.state.store_client import OrderRefused, StoreClient

CHANGED = "{name} was changed meanwhile, so nothing was done. Ask for it again, and you will see how it is now."


class Proposals:
    """Entries of state `proposed`, in the hands of the user."""

    def __init__(self, bus: Bus, store_client: StoreClient, registry: Registry, actions: Actions) -> None:
        """Remembers nothing: the entries are in the store."""
        self._bus = bus
        self._store_client = store_client
        self._registry = registry
        self._actions = actions

    async def agreed(self, entry: Row, cause: str) -> None:
        """Carry out a proposal that the user agreed to."""
        place = place_of(entry)
        try:
            values = await self._applied(entry["detail"], place, cause)
        except (BadInstruction, Refused) as problem:
            values = {"state": "refused", "problem": str(problem)[:2_000]}
            for instruction in instructions_of(entry):
                self._bus.say(cards.acted(place, instruction, "refused", 0, str(problem)), place.app, cause=place.cause)
        await self._set(entry, values, "agreed", f"agreed-{entry['id']}", cause)

    async def _applied(self, detail: Row, place: Place, cause: str) -> Row:
        """Carry a proposal out; return what its entry says then."""
        plan = self._still_valid(detail, place)
        guards = guards_of(plan)
        try:
            answer = await self._actions.carry_out(place, [*guards, *orders_of(plan)], cause)
        except OrderRefused as refused:
            if refused.index < 0 or refused.code not in ("conflict", "not_found"):
                raise
            name = cards.name_in(plan, guards, refused.index)
            raise BadInstruction(CHANGED.format(name=name)) from refused
        entries = await self._actions.entries(place, plan, answer)
        changes = [change for one in entries for change in one["detail"]["changes"]]
        first = entries[0]["detail"]
        detail = detail | {"change": changes[-1] if changes else 0, "changes": changes}
        detail |= {key: first[key] for key in ("table", "row") if key in first}
        return {"state": "applied", "text": " ".join(one["text"] for one in entries), "detail": detail}

    def _still_valid(self, detail: Row, place: Place) -> list[PlannedChange]:
        """Check the proposal against the app and profile for which it was made: another may be open now."""
        scope = scope_of(self._registry, {"app": place.app, "profile": place.profile})
        if scope.app != place.app:
            raise BadInstruction(f"The app {place.app!r:.60} is not there any more.")
        return [
            PlannedChange(index, instruction, check(instruction, scope), would["before"])
            for index, (instruction, would) in enumerate(zip(detail["instructions"], detail["would"], strict=True))
        ]

    async def amended(self, question: Row, cause: str) -> None:
        """Decline the proposal that a message of the user amends."""
        number = (question["detail"] or {}).get("amends")
        if type(number) is not int:
            return
        try:
            await self._set({"id": number}, {"state": "declined"}, "proposed", f"amended-{question['id']}", cause)
        except Refused:  # it was decided already, or is gone: the message stands for itself
            return

    async def _set(self, entry: Row, values: Row, state: str, order_id: str, cause: str) -> None:
        order = StoreOrder(
            verb="update", table="message", id=entry["id"], values=values, where={"state": state}, actor="model"
        )
        await self._store_client.ask(order, cause=cause, id=order_id)


def instructions_of(entry: Row) -> list[Row]:
    """Return the instructions of an entry."""
    detail = entry["detail"]
    return detail.get("instructions") or [detail["instruction"]]
