"""Do what the model wrote: check it all, carry it out in one transaction or propose it, put cards into the chat.

For a generation G the writes are the order `do-G`. The cards, the step that follows and the mark `played` on the reply
are the order `played-G`. So work that is repeated after a crash, at any point, does nothing twice. The cause of all of
them is the order to generate (`generate-G`): unlike the id of `llm.finished` it is still known after a crash.
"""

from apps.core import DEFAULT_ASK
from apps.registry import Registry
from apps.tables import Row
from bus.bus import Bus
from bus.errors import Refused
from bus.messages import StoreAnswer, StoreOrder
from services.agent.act.cards import (
    Outcome,
    Place,
    acted_message,
    applied_card,
    fits,
    preview_text,
    proposal_card,
    refused_card,
)
from services.agent.act.planned import PlannedChange, changes_by_step, ids_by_table, orders_of
from services.agent.limits import MAX_RETRIES, MAX_ROUNDS
from services.agent.parse.arguments import BadInstruction
from services.agent.parse.instructions import Scope, Step
from services.agent.parse.reply import ReadInstruction, must_ask, quoted_instructions, read_instructions
from services.agent.parse.scanner import find_instructions
from services.agent.prompt.feedback import Feedback, page
from services.agent.state.live_query import LiveQueries
from services.agent.state.scope import scope_of
from services.agent.state.store_client import StoreClient


class Actions:
    """Carries out the instructions of finished replies."""

    def __init__(self, bus: Bus, store_client: StoreClient, queries: LiveQueries, registry: Registry) -> None:
        """Nothing happens before `perform`."""
        self._bus = bus
        self._store_client = store_client
        self._queries = queries
        self._registry = registry

    # --- what a reply says ---

    async def perform(self, row: Row, *, again: bool = False) -> Row | None:
        """Do what a finished reply says; return the row of the step that follows, if there is one.

        `again`: a part of it may have been done before a crash.
        """
        settings = await self._queries.settings()
        scope = scope_of(self._registry, settings)
        calls = (row["detail"] or {}).get("calls") or []
        found = read_instructions(
            row["text"], calls, scope, lambda app: scope_of(self._registry, {**settings, "app": app})
        )
        if not found:
            return None
        place = Place(row["id"], row["conversation"], row["generation"], scope.app, scope.profile)
        feedback = Feedback(problems=[(one.instruction, one.problem) for one in found if one.problem])
        cards: list[Row] = []
        if not feedback.problems:
            ask = must_ask(found, settings.get("ask", DEFAULT_ASK), await self._quoted(row, scope))
            try:
                cards = await self._carry_out_steps(found, place, scope, feedback, ask=ask, again=again)
            except WrongInstruction as wrong:
                feedback.problems = [(found[wrong.index].instruction, str(wrong))]
        return await self._finish(row, place, cards, feedback, [one.call for one in found])

    async def _quoted(self, row: Row, scope: Scope) -> list[Row]:
        """Return the instructions that stand in the user's words and in the rows that the model was shown."""
        texts = [one["text"] for one in await self._queries.messages(row["conversation"]) if one["role"] == "user"]
        rows = (await self._queries.rows(scope.tables[0], scope.profile))[0] if scope.tables else []
        shown = [value for one in rows for value in one.values() if type(value) is str]
        return quoted_instructions([*texts, *shown, (row["detail"] or {}).get("feedback", "")])

    async def _carry_out_steps(
        self, found: list[ReadInstruction], place: Place, scope: Scope, feedback: Feedback, *, ask: bool, again: bool
    ) -> list[Row]:
        """Open apps, write or propose, then read; return the values of the cards."""
        steps = [(index, one.instruction, one.step) for index, one in enumerate(found) if one.step]
        plan = [PlannedChange(index, instruction, step, {}) for index, instruction, step in steps if step.writes]
        plan = await self._with_rows(plan, scope, again=again and await self._is_committed(place))
        cards = [
            await self._open(PlannedChange(index, instruction, step, {}), place, feedback)
            for index, instruction, step in steps
            if step.app
        ]
        if plan and ask:
            cards.append(self._propose(place, plan, feedback))
        elif plan:
            cards += await self._apply(place, plan, feedback)
        for index, _, step in steps:
            if step.reads:
                feedback.texts[index] = await self._read(step, scope)
                feedback.read = True
        return cards

    async def _is_committed(self, place: Place) -> bool:
        return bool(await self._store_client.list("change", {"asked": place.order_id}, limit=1))

    async def _with_rows(self, plan: list[PlannedChange], scope: Scope, *, again: bool) -> list[PlannedChange]:
        """Return the planned changes with the rows that they change; raise `WrongInstruction` for a row not in view."""
        rows: dict[tuple[str, int | str], Row] = {}
        for name, ids in ids_by_table(plan).items():
            for row in await self._store_client.list(name, {"id": ids}, limit=1_000):
                rows[name, row["id"]] = row
        return [self._with_row(planned, rows, scope, again=again) for planned in plan]

    @staticmethod
    def _with_row(
        planned: PlannedChange, rows: dict[tuple[str, int | str], Row], scope: Scope, *, again: bool
    ) -> PlannedChange:
        order, table = planned.step.order, planned.step.table
        if order is None or table is None or order.verb == "insert":
            return planned
        row = rows.get((table.name, order.id))
        if row is None and again:
            return planned  # this same order deleted it before a crash
        if row is None or (table.scoped and row["profile"] != scope.profile):
            problem = f"There is no {table.name} with id {order.id} in the profile in view."
            raise WrongInstruction(planned.index, problem)
        return PlannedChange(planned.index, planned.instruction, planned.step, row)

    # --- open, write, propose, read ---

    async def _open(self, planned: PlannedChange, place: Place, feedback: Feedback) -> Row:
        order = StoreOrder(verb="update", table="setting", id="app", values={"value": planned.step.app}, actor="model")
        answer = await self._store_client.ask(order, cause=place.cause, id=f"open-{place.generation}-{planned.index}")
        if answer.rows:
            self._queries.learn("setting", answer.rows[0], answer.revision)
        self._say(place, planned.instruction, "applied")
        feedback.texts[planned.index] = f"Opened {planned.step.app}: you see its rows and tables now."
        feedback.read = True
        return applied_card(place, planned, {}, {}, [])

    async def _apply(self, place: Place, plan: list[PlannedChange], feedback: Feedback) -> list[Row]:
        try:
            answer = await self.carry_out(place, orders_of(plan))
        except Refused as refused:
            at = refused.index if 0 <= refused.index < len(plan) else 0
            raise WrongInstruction(plan[at].index, str(refused)) from refused
        cards = await self.cards_of(place, plan, answer)
        for planned, card in zip(plan, cards, strict=True):
            feedback.texts[planned.index] = card["text"]
        return cards

    async def carry_out(self, place: Place, orders: list[Row], cause: str = "") -> StoreAnswer:
        """Carry out all orders in one transaction, or raise `Refused`."""
        table = orders[0]["table"]
        order = StoreOrder(verb="batch", table=table, values={"orders": orders}, actor="model")
        return await self._store_client.ask(order, cause=cause or place.cause, id=place.order_id)

    async def cards_of(self, place: Place, plan: list[PlannedChange], answer: StoreAnswer) -> list[Row]:
        """Return the cards of what was done, and say each outcome on the bus.

        `answer.rows` ends with one row for each planned change. What was there before comes from the table `change`,
        which has it also when this runs again after a crash.
        """
        changes = changes_by_step(plan, await self._changes(answer.changes))
        cards = []
        for planned, row, own in zip(plan, answer.rows[-len(plan) :], changes, strict=True):
            before = own[0]["before"] if own else {}
            now = {} if planned.step.operation == "delete" else row
            before = {**row, **before} if planned.step.operation != "insert" else {}
            card = applied_card(place, planned, now, before, [change["id"] for change in own])
            cards.append(card)
            self._say(place, planned.instruction, "applied", card["detail"]["change"])
        return cards

    async def _changes(self, revisions: list[int]) -> list[Row]:
        if not revisions:
            return []
        span = {"id": {"from": revisions[0], "to": revisions[-1]}}
        return await self._store_client.list("change", span, sort="id", limit=1_000)

    def _propose(self, place: Place, plan: list[PlannedChange], feedback: Feedback) -> Row:
        card = proposal_card(place, plan)
        if not fits(card):
            problem = "It is too much to be shown and agreed to at once. Do it in smaller parts."
            raise WrongInstruction(plan[0].index, problem)
        for planned in plan:
            feedback.texts[planned.index] = f"The user is asked first: {preview_text(planned)}."
            self._say(place, planned.instruction, "proposed")
        return card

    async def _read(self, step: Step, scope: Scope) -> str:
        if step.order is None or step.table is None:
            return ""
        try:
            answer = await self._store_client.ask(step.order)
        except Refused as refused:
            return str(refused)
        rows = [row for row in answer.rows if not step.table.scoped or row["profile"] == scope.profile]
        return page(step, answer, rows)

    # --- the end ---

    async def _finish(
        self, row: Row, place: Place, cards: list[Row], feedback: Feedback, owners: list[int]
    ) -> Row | None:
        """Order, in one batch, the cards, the step in which the model goes on, and the mark `played` on the reply."""
        step = self._next_step(row, feedback, owners)
        for instruction, problem in feedback.problems:
            self._say(place, instruction, "refused", reason=problem)
            if step is None:
                cards.append(refused_card(place, problem, instruction))
        values = [*cards, *([step] if step else [])]
        orders: list[Row] = [{"verb": "insert", "table": "message", "values": one} for one in values]
        played = {"detail": (row["detail"] or {}) | {"played": True}}
        mark = {"verb": "update", "table": "message", "id": row["id"], "values": played}
        try:
            answer = await self._order_batch([*orders, mark], place, f"played-{place.generation}")
        except Refused as refused:
            if refused.code != "not_found" or not cards:
                raise
            orders = orders[: len(cards)]  # the user deleted the reply; the cards still say what was done
            answer = await self._order_batch(orders, place, f"played-{place.generation}-alone")
        made = next((one for one in answer.rows if one["role"] == "assistant" and one["id"] != row["id"]), None)
        return made if made and made["state"] == "streaming" else None

    async def _order_batch(self, orders: list[Row], place: Place, order_id: str) -> StoreAnswer:
        order = StoreOrder(verb="batch", table="message", values={"orders": orders}, actor="model")
        return await self._store_client.ask(order, cause=place.cause, id=order_id)

    @staticmethod
    def _next_step(row: Row, feedback: Feedback, owners: list[int]) -> Row | None:
        """Return the values of the row in which the model goes on; None if it has nothing to do or no rounds left."""
        detail = row["detail"] or {}
        rounds, retries = detail.get("round", 0) + 1, detail.get("retries", 0) + bool(feedback.problems)
        calls = detail.get("calls") or []
        owes_words = bool(calls) and not row["text"].strip()
        goes_on = retries <= MAX_RETRIES if feedback.problems else feedback.read or owes_words
        if rounds > MAX_ROUNDS or not goes_on:
            return None
        step_detail: Row = {"round": rounds, "retries": retries, "feedback": feedback.text}
        if calls:
            step_detail["results"] = feedback.of_calls(calls, owners)
        if feedback.problems and not calls:
            step_detail["repair"] = True
        return {
            "conversation": row["conversation"],
            "role": "assistant",
            "purpose": "step",
            "state": "streaming",
            "reply_to": row["reply_to"],
            "attempt": 1,
            "detail": step_detail,
        }

    def _say(self, place: Place, instruction: Row, outcome: Outcome, change: int = 0, *, reason: str = "") -> None:
        self._bus.say(acted_message(place, instruction, outcome, change, reason), place.app, cause=place.cause)


class WrongInstruction(BadInstruction):
    """One instruction of a reply cannot be carried out, so none of them is. `index`: its number in the reply."""

    def __init__(self, index: int, sentence: str) -> None:
        super().__init__(sentence)
        self.index = index


def has_instructions(row: Row) -> bool:
    """Return whether a finished reply contains instructions or native tool calls."""
    return bool((row["detail"] or {}).get("calls")) or bool(find_instructions(row["text"]))
