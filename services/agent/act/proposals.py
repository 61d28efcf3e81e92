"""What the user says to a proposal: do it, do not do it, or do something else.

A proposal that the user agrees to is carried out in one transaction, and only if its rows are still as they were shown.
"""

from dataclasses import replace

from apps.registry import Registry
from apps.tables import BadValue, Row
from apps.work.runs import RUN
from bus.bus import Bus
from bus.errors import Refused
from bus.messages import StoreOrder
from bus.store_client import StoreClient
from services.agent.act.actions import Actions
from services.agent.act.cards import Place, acted_message, instructions_of, job_card, name_in_batch, place_of
from services.agent.act.consent import LIFTED
from services.agent.act.drafts import checked_drafts
from services.agent.act.permissions.offers import PermissionOffers
from services.agent.act.planned import PlannedChange, guards_of, orders_of
from services.agent.limits import MAX_PROBLEM
from services.agent.parse.arguments import BadInstruction
from services.agent.parse.instructions import Step, check

CHANGED = "{name} was changed meanwhile, so nothing was done. Ask for it again, and you will see how it is now."


class Proposals:
    """Handles cards of state `proposed` after the user's decision."""

    def __init__(self, bus: Bus, store_client: StoreClient, registry: Registry, actions: Actions) -> None:
        """Keeps nothing in memory: the cards are in the store."""
        self._bus = bus
        self._store_client = store_client
        self._registry = registry
        self._actions = actions
        self._offers = PermissionOffers(store_client, registry)

    async def carry_out(self, card: Row, cause: str) -> None:
        """Carry out a proposal that the user agreed to."""
        place = place_of(card)
        try:
            values = await self._apply(card, place, cause)
        except (BadInstruction, Refused) as problem:
            values = {"state": "refused", "problem": str(problem)[:MAX_PROBLEM]}
            for instruction in instructions_of(card):
                message = acted_message(place, instruction, "refused", 0, str(problem))
                self._bus.say(message, place.app, cause=place.cause)
        await self._update(card, values, "agreed", f"agreed-{card['id']}", cause)

    async def _apply(self, card: Row, place: Place, cause: str) -> Row:
        """Carry out a proposal; return the new values of its card."""
        detail = card["detail"]
        plan = self._still_valid(detail, place)
        if call := plan[0].step.call:
            return await self._actions.tools.agreed(card, place, call, cause)
        offer = await self._offers.after_yes(card, plan, LIFTED)
        if plan[0].step.work:
            return await self._order_job(card, plan[0], place, cause, offer)
        if plan[0].step.shapes:
            plan = [self._still_shaped(card, plan[0])]
        guards = guards_of(plan)
        try:
            orders, order_id = [*guards, *orders_of(plan)], f"{place.order_id}#{card['id']}"
            answer = await self._actions.carry_out(orders, order_id, cause, detail.get("client", ""))
        except Refused as refused:
            if refused.index < 0 or refused.code not in ("conflict", "not_found"):
                raise
            if plan[0].step.shapes:
                raise
            name = name_in_batch(plan, guards, refused.index)
            raise BadInstruction(CHANGED.format(name=name)) from refused
        cards = await self._actions.cards_of(place, plan, answer)
        changes = [change for one in cards for change in one["detail"]["changes"]]
        first = cards[0]["detail"]
        detail = detail | {"change": changes[-1] if changes else 0, "changes": changes}
        shown = ("table", "row", "opens", *(("short", "values") if len(cards) == 1 else ()))
        detail |= {key: first[key] for key in shown if key in first} | offer
        return {"state": "applied", "text": " ".join(one["text"] for one in cards), "detail": detail}

    def _still_shaped(self, card: Row, planned: PlannedChange) -> PlannedChange:
        """Return the change of an own app that a card shows."""
        (preview,) = card["detail"]["would"]
        try:
            return self._actions.own_apps.agreed(planned.instruction, planned.step, preview)
        except BadValue as problem:
            raise BadInstruction(str(problem)) from problem

    async def _order_job(self, card: Row, planned: PlannedChange, place: Place, cause: str, offer: Row) -> Row:
        """Start or end the one job of a proposal; return the new values of its card. `offer`: what it keeps of it."""
        job = await self._actions.jobs.carry_out(planned, place, cause, suffix=f"#{card['id']}")
        made = job_card(place, planned, job)
        instruction = instructions_of(card)[0]
        self._bus.say(acted_message(place, instruction, "applied"), place.app, cause=place.cause)
        return {"state": "applied", "text": made["text"], "detail": card["detail"] | made["detail"] | offer}

    def _still_valid(self, detail: Row, place: Place) -> list[PlannedChange]:
        """Check a proposal again, in the app and profile in which it was made: another may be in view now."""
        scope = self._actions.scope({"app": place.app, "profile": place.profile})
        if scope.app != place.app:
            raise BadInstruction(f"The app {place.app!r:.60} is not there any more.")
        plan = [
            PlannedChange(index, instruction, as_shown(check(instruction, scope), preview), preview["before"])
            for index, (instruction, preview) in enumerate(zip(detail["instructions"], detail["would"], strict=True))
        ]
        return checked_drafts(plan, self._registry.workflows)

    async def decline_amended(self, question: Row, cause: str) -> None:
        """Decline the proposal for which a message of the user asks something else."""
        number = (question["detail"] or {}).get("amends")
        if type(number) is not int:
            return
        try:
            await self._update({"id": number}, {"state": "declined"}, "proposed", f"amended-{question['id']}", cause)
        except Refused:  # it was decided already, or deleted: the message is an ordinary question then
            return

    async def _update(self, card: Row, values: Row, state: str, order_id: str, cause: str) -> None:
        """Order new values for a card that is still in `state`."""
        order = StoreOrder(
            verb="update", table="message", id=card["id"], values=values, where={"state": state}, actor="model"
        )
        await self._store_client.ask(order, cause=cause, id=order_id)


def as_shown(step: Step, preview: Row) -> Step:
    """Return a step with the values that its card shows: a word like "tomorrow" means another day by now.

    It may also stand in the instruction otherwise than on the card, which shows what the user's words mean.
    """
    order, after = step.order, preview["after"]
    if order is None or step.work or step.shapes or step.table is RUN:
        return step
    match preview["operation"]:
        case "insert":
            values = after
        case "update":
            values = {name: value for name, value in after.items() if value != preview["before"].get(name)}
        case "sort":
            values = {"after": after["after"]}
        case _:
            return step
    return replace(step, operation=preview["operation"], order=replace(order, verb=preview["operation"], values=values))
