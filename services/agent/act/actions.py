"""Do what the model wrote: check it all, carry it out in one transaction or propose it, leave entries in the chat.

For a generation G the writes are the order `do-G`, the entries, the step that follows and the mark that the reply was
played are the order `played-G`: so repeating the work after a crash, at any point, does nothing twice. The cause of
all of them is the order to generate (`generate-G`): unlike the id of `llm.finished` it is still known after a crash.
"""

from apps.core import DEFAULT_ASK
from apps.registry import Registry
from apps.tables import Row
from bus.bus import Bus
from bus.errors import Refused
from bus.messages import StoreAnswer, StoreOrder
from services.agent.act import cards
from services.agent.act.cards import Outcome, Place
from services.agent.act.planned import PlannedChange, changes_of, keys_of, orders_of
from services.agent.parse.arguments import BadInstruction
from services.agent.parse.instructions import Scope, Step
from services.agent.parse.reply import Read, instructions_told, must_ask, read_instructions
from services.agent.parse.scanner import find_instructions
from services.agent.prompt.feedback import Feedback, page
from services.agent.state.live_query import LiveQueries
from services.agent.state.scope import scope_of
from services.agent.state.store_client import OrderRefused, StoreClient

MOST_ROUNDS = 5
MOST_RETRIES = 2


class Actions:
    """The hands of the assistant."""

    def __init__(self, bus: Bus, store_client: StoreClient, queries: LiveQueries, registry: Registry) -> None:
        """Nothing happens before `perform`."""
        self._bus = bus
        self._store_client = store_client
        self._queries = queries
        self._registry = registry

    # --- what a reply says ---

    async def perform(self, row: Row, *, again: bool = False) -> Row | None:
        """Do what a finished reply says; return the row of the step that follows, when there is one.

        `again`: it may have been done already, in part, before a crash.
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
        entries: list[Row] = []
        if not feedback.problems:
            ask = must_ask(found, settings.get("ask", DEFAULT_ASK), await self._told(row, scope))
            try:
                entries = await self._play(found, place, scope, feedback, ask=ask, again=again)
            except Wrong as wrong:
                feedback.problems = [(found[wrong.index].instruction, str(wrong))]
        return await self._conclude(row, place, entries, feedback, [one.call for one in found])

    async def _told(self, row: Row, scope: Scope) -> list[Row]:
        """Return the instructions that stand in the user's words and in the rows that the model was shown."""
        said = [one["text"] for one in await self._queries.messages(row["conversation"]) if one["role"] == "user"]
        rows = (await self._queries.rows(scope.tables[0], scope.profile))[0] if scope.tables else []
        shown = [value for one in rows for value in one.values() if type(value) is str]
        return instructions_told([*said, *shown, (row["detail"] or {}).get("feedback", "")])

    async def _play(
        self, found: list[Read], place: Place, scope: Scope, feedback: Feedback, *, ask: bool, again: bool
    ) -> list[Row]:
        """Open, write or propose, then read; return the values of the entries."""
        steps = [(index, one.instruction, one.step) for index, one in enumerate(found) if one.step]
        plan = [PlannedChange(index, said, step, {}) for index, said, step in steps if step.writes]
        plan = await self._seen(plan, scope, again=again and await self._was_done(place))
        entries = [
            await self._open(PlannedChange(index, said, step, {}), place, feedback)
            for index, said, step in steps
            if step.app
        ]
        if plan and ask:
            entries.append(self._propose(place, plan, feedback))
        elif plan:
            entries += await self._apply(place, plan, feedback)
        for index, _, step in steps:
            if step.reads:
                feedback.texts[index] = await self._read(step, scope)
                feedback.read = True
        return entries

    async def _was_done(self, place: Place) -> bool:
        return bool(await self._store_client.list("change", {"asked": place.order_id}, limit=1))

    async def _seen(self, plan: list[PlannedChange], scope: Scope, *, again: bool) -> list[PlannedChange]:
        """Return the deeds with the rows that they change; a row that is not in view makes the reply wrong."""
        rows: dict[tuple[str, int | str], Row] = {}
        for name, keys in keys_of(plan).items():
            for row in await self._store_client.list(name, {"id": keys}, limit=1_000):
                rows[name, row["id"]] = row
        return [self._seen_one(planned, rows, scope, again=again) for planned in plan]

    @staticmethod
    def _seen_one(
        planned: PlannedChange, rows: dict[tuple[str, int | str], Row], scope: Scope, *, again: bool
    ) -> PlannedChange:
        order, table = planned.step.order, planned.step.table
        if order is None or table is None or order.verb == "insert":
            return planned
        row = rows.get((table.name, order.id))
        if row is None and again:
            return planned  # it was deleted by the very same order, before a crash
        if row is None or (table.scoped and row["profile"] != scope.profile):
            raise Wrong(planned.index, f"There is no {table.name} with id {order.id} in the profile in view.")
        return PlannedChange(planned.index, planned.instruction, planned.step, row)

    # --- opening, writing, proposing, reading ---

    async def _open(self, planned: PlannedChange, place: Place, feedback: Feedback) -> Row:
        order = StoreOrder(verb="update", table="setting", id="app", values={"value": planned.step.app}, actor="model")
        answer = await self._store_client.ask(order, cause=place.cause, id=f"open-{place.generation}-{planned.index}")
        if answer.rows:
            self._queries.learn("setting", answer.rows[0], answer.revision)
        self._say(place, planned.instruction, "applied")
        feedback.texts[planned.index] = f"Opened {planned.step.app}: you see its rows and tables now."
        feedback.read = True
        return cards.applied(place, planned, {}, {}, [])

    async def _apply(self, place: Place, plan: list[PlannedChange], feedback: Feedback) -> list[Row]:
        try:
            answer = await self.carry_out(place, orders_of(plan))
        except OrderRefused as refused:
            at = refused.index if 0 <= refused.index < len(plan) else 0
            raise Wrong(plan[at].index, str(refused)) from refused
        entries = await self.entries(place, plan, answer)
        for planned, entry in zip(plan, entries, strict=True):
            feedback.texts[planned.index] = entry["text"]
        return entries

    async def carry_out(self, place: Place, orders: list[Row], cause: str = "") -> StoreAnswer:
        """Have all of it done in one transaction, or raise `Refused`."""
        table = orders[0]["table"]
        order = StoreOrder(verb="batch", table=table, values={"orders": orders}, actor="model")
        return await self._store_client.ask(order, cause=cause or place.cause, id=place.order_id)

    async def entries(self, place: Place, plan: list[PlannedChange], answer: StoreAnswer) -> list[Row]:
        """Return the entries of what was done, told by the history, and say it to all.

        `answer.rows` ends with one for each deed. The history also knows it when this is done again after a crash.
        """
        made = changes_of(plan, await self._changes(answer.changes))
        entries = []
        for planned, row, own in zip(plan, answer.rows[-len(plan) :], made, strict=True):
            before = own[0]["before"] if own else {}
            now = {} if planned.step.operation == "delete" else row
            before = {**row, **before} if planned.step.operation != "insert" else {}
            entry = cards.applied(place, planned, now, before, [change["id"] for change in own])
            entries.append(entry)
            self._say(place, planned.instruction, "applied", entry["detail"]["change"])
        return entries

    async def _changes(self, revisions: list[int]) -> list[Row]:
        if not revisions:
            return []
        span = {"id": {"from": revisions[0], "to": revisions[-1]}}
        return await self._store_client.list("change", span, sort="id", limit=1_000)

    def _propose(self, place: Place, plan: list[PlannedChange], feedback: Feedback) -> Row:
        entry = cards.proposal(place, plan)
        if not cards.fits(entry):
            raise Wrong(plan[0].index, "It is too much to be shown and agreed to at once. Do it in smaller parts.")
        for planned in plan:
            feedback.texts[planned.index] = f"The user is asked first: {cards.would(planned)}."
            self._say(place, planned.instruction, "proposed")
        return entry

    async def _read(self, step: Step, scope: Scope) -> str:
        if step.order is None or step.table is None:
            return ""
        try:
            answer = await self._store_client.ask(step.order)
        except Refused as refused:
            return str(refused)
        rows = [row for row in answer.rows if not step.table.scoped or row["profile"] == scope.profile]
        return page(step, answer, rows)

    # --- the end of it ---

    async def _conclude(
        self, row: Row, place: Place, entries: list[Row], feedback: Feedback, owners: list[int]
    ) -> Row | None:
        """Order the entries, the step in which the model goes on, and the mark that the reply was played: at once."""
        step = self._next_step(row, feedback, owners)
        for instruction, problem in feedback.problems:
            self._say(place, instruction, "refused", reason=problem)
            if step is None:
                entries.append(cards.card(place, "refused", problem, instruction))
        values = [*entries, *([step] if step else [])]
        orders: list[Row] = [{"verb": "insert", "table": "message", "values": one} for one in values]
        played = {"detail": (row["detail"] or {}) | {"played": True}}
        mark = {"verb": "update", "table": "message", "id": row["id"], "values": played}
        try:
            answer = await self._enter([*orders, mark], place, f"played-{place.generation}")
        except OrderRefused as refused:
            if refused.code != "not_found" or not entries:
                raise
            orders = orders[: len(entries)]  # the user deleted the reply: what was done is told all the same
            answer = await self._enter(orders, place, f"played-{place.generation}-alone")
        made = next((one for one in answer.rows if one["role"] == "assistant" and one["id"] != row["id"]), None)
        return made if made and made["state"] == "streaming" else None

    async def _enter(self, orders: list[Row], place: Place, order_id: str) -> StoreAnswer:
        order = StoreOrder(verb="batch", table="message", values={"orders": orders}, actor="model")
        return await self._store_client.ask(order, cause=place.cause, id=order_id)

    @staticmethod
    def _next_step(row: Row, feedback: Feedback, owners: list[int]) -> Row | None:
        """Return the values of the row in which the model goes on, unless it is done or had its turns."""
        detail = row["detail"] or {}
        rounds, retries = detail.get("round", 0) + 1, detail.get("retries", 0) + bool(feedback.problems)
        calls = detail.get("calls") or []
        owes_words = bool(calls) and not row["text"].strip()
        goes_on = retries <= MOST_RETRIES if feedback.problems else feedback.read or owes_words
        if rounds > MOST_ROUNDS or not goes_on:
            return None
        told: Row = {"round": rounds, "retries": retries, "feedback": feedback.text}
        if calls:
            told["results"] = feedback.of_calls(calls, owners)
        if feedback.problems and not calls:
            told["repair"] = True
        return {
            "conversation": row["conversation"],
            "role": "assistant",
            "purpose": "step",
            "state": "streaming",
            "reply_to": row["reply_to"],
            "attempt": 1,
            "detail": told,
        }

    def _say(self, place: Place, instruction: Row, outcome: Outcome, change: int = 0, *, reason: str = "") -> None:
        self._bus.say(cards.acted(place, instruction, outcome, change, reason), place.app, cause=place.cause)


class Wrong(BadInstruction):
    """One instruction of a reply cannot be carried out, so none of it is. `index`: which one."""

    def __init__(self, index: int, sentence: str) -> None:
        super().__init__(sentence)
        self.index = index


def has_instructions(row: Row) -> bool:
    """Return whether a finished reply asks for something."""
    return bool((row["detail"] or {}).get("calls")) or bool(find_instructions(row["text"]))
