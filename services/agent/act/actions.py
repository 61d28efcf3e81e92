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
from services.agent.act.planned import Deed, changes_of, keys_of, orders_of
from services.agent.parse.arguments import BadInstruction
from services.agent.parse.instructions import Scope, Step
from services.agent.parse.reply import Read, instructions_told, must_ask, read_instructions
from services.agent.parse.scanner import find_instructions
from services.agent.prompt.feedback import Results, page
from services.agent.state.live_query import Memory
from services.agent.state.scope import scope_of
from services.agent.state.store_client import OrderRefused, Orders

MOST_ROUNDS = 5
MOST_RETRIES = 2


class Actions:
    """The hands of the assistant."""

    def __init__(self, bus: Bus, orders: Orders, memory: Memory, registry: Registry) -> None:
        """Nothing happens before `perform`."""
        self._bus = bus
        self._orders = orders
        self._memory = memory
        self._registry = registry

    # --- what a reply says ---

    async def perform(self, row: Row, *, again: bool = False) -> Row | None:
        """Do what a finished reply says; return the row of the step that follows, when there is one.

        `again`: it may have been done already, in part, before a crash.
        """
        settings = await self._memory.settings()
        scope = scope_of(self._registry, settings)
        calls = (row["detail"] or {}).get("calls") or []
        found = read_instructions(
            row["text"], calls, scope, lambda app: scope_of(self._registry, {**settings, "app": app})
        )
        if not found:
            return None
        place = Place(row["id"], row["conversation"], row["generation"], scope.app, scope.profile)
        results = Results(problems=[(one.instruction, one.problem) for one in found if one.problem])
        entries: list[Row] = []
        if not results.problems:
            ask = must_ask(found, settings.get("ask", DEFAULT_ASK), await self._told(row, scope))
            try:
                entries = await self._play(found, place, scope, results, ask=ask, again=again)
            except Wrong as wrong:
                results.problems = [(found[wrong.index].instruction, str(wrong))]
        return await self._conclude(row, place, entries, results, [one.call for one in found])

    async def _told(self, row: Row, scope: Scope) -> list[Row]:
        """Return the instructions that stand in the user's words and in the rows that the model was shown."""
        said = [one["text"] for one in await self._memory.messages(row["conversation"]) if one["role"] == "user"]
        rows = (await self._memory.rows(scope.tables[0], scope.profile))[0] if scope.tables else []
        shown = [value for one in rows for value in one.values() if type(value) is str]
        return instructions_told([*said, *shown, (row["detail"] or {}).get("feedback", "")])

    async def _play(
        self, found: list[Read], place: Place, scope: Scope, results: Results, *, ask: bool, again: bool
    ) -> list[Row]:
        """Open, write or propose, then read; return the values of the entries."""
        steps = [(index, one.instruction, one.step) for index, one in enumerate(found) if one.step]
        deeds = [Deed(index, said, step, {}) for index, said, step in steps if step.writes]
        deeds = await self._seen(deeds, scope, again=again and await self._was_done(place))
        entries = [
            await self._open(Deed(index, said, step, {}), place, results) for index, said, step in steps if step.app
        ]
        if deeds and ask:
            entries.append(self._propose(place, deeds, results))
        elif deeds:
            entries += await self._apply(place, deeds, results)
        for index, _, step in steps:
            if step.reads:
                results.texts[index] = await self._read(step, scope)
                results.read = True
        return entries

    async def _was_done(self, place: Place) -> bool:
        return bool(await self._orders.list("change", {"asked": place.order_id}, limit=1))

    async def _seen(self, deeds: list[Deed], scope: Scope, *, again: bool) -> list[Deed]:
        """Return the deeds with the rows that they change; a row that is not in view makes the reply wrong."""
        rows: dict[tuple[str, int | str], Row] = {}
        for name, keys in keys_of(deeds).items():
            for row in await self._orders.list(name, {"id": keys}, limit=1_000):
                rows[name, row["id"]] = row
        return [self._seen_one(deed, rows, scope, again=again) for deed in deeds]

    @staticmethod
    def _seen_one(deed: Deed, rows: dict[tuple[str, int | str], Row], scope: Scope, *, again: bool) -> Deed:
        order, table = deed.step.order, deed.step.table
        if order is None or table is None or order.verb == "insert":
            return deed
        row = rows.get((table.name, order.id))
        if row is None and again:
            return deed  # it was deleted by the very same order, before a crash
        if row is None or (table.scoped and row["profile"] != scope.profile):
            raise Wrong(deed.index, f"There is no {table.name} with id {order.id} in the profile in view.")
        return Deed(deed.index, deed.instruction, deed.step, row)

    # --- opening, writing, proposing, reading ---

    async def _open(self, deed: Deed, place: Place, results: Results) -> Row:
        order = StoreOrder(verb="update", table="setting", id="app", values={"value": deed.step.app}, actor="model")
        answer = await self._orders(order, cause=place.cause, id=f"open-{place.generation}-{deed.index}")
        if answer.rows:
            self._memory.learn("setting", answer.rows[0], answer.revision)
        self._say(place, deed.instruction, "applied")
        results.texts[deed.index] = f"Opened {deed.step.app}: you see its rows and tables now."
        results.read = True
        return cards.applied(place, deed, {}, {}, [])

    async def _apply(self, place: Place, deeds: list[Deed], results: Results) -> list[Row]:
        try:
            answer = await self.carry_out(place, orders_of(deeds))
        except OrderRefused as refused:
            at = refused.index if 0 <= refused.index < len(deeds) else 0
            raise Wrong(deeds[at].index, str(refused)) from refused
        entries = await self.entries(place, deeds, answer)
        for deed, entry in zip(deeds, entries, strict=True):
            results.texts[deed.index] = entry["text"]
        return entries

    async def carry_out(self, place: Place, orders: list[Row], cause: str = "") -> StoreAnswer:
        """Have all of it done in one transaction, or raise `Refused`."""
        table = orders[0]["table"]
        order = StoreOrder(verb="batch", table=table, values={"orders": orders}, actor="model")
        return await self._orders(order, cause=cause or place.cause, id=place.order_id)

    async def entries(self, place: Place, deeds: list[Deed], answer: StoreAnswer) -> list[Row]:
        """Return the entries of what was done, told by the history, and say it to all.

        `answer.rows` ends with one for each deed. The history also knows it when this is done again after a crash.
        """
        made = changes_of(deeds, await self._changes(answer.changes))
        entries = []
        for deed, row, own in zip(deeds, answer.rows[-len(deeds) :], made, strict=True):
            before = own[0]["before"] if own else {}
            now = {} if deed.step.operation == "delete" else row
            before = {**row, **before} if deed.step.operation != "insert" else {}
            entry = cards.applied(place, deed, now, before, [change["id"] for change in own])
            entries.append(entry)
            self._say(place, deed.instruction, "applied", entry["detail"]["change"])
        return entries

    async def _changes(self, revisions: list[int]) -> list[Row]:
        if not revisions:
            return []
        span = {"id": {"from": revisions[0], "to": revisions[-1]}}
        return await self._orders.list("change", span, sort="id", limit=1_000)

    def _propose(self, place: Place, deeds: list[Deed], results: Results) -> Row:
        entry = cards.proposal(place, deeds)
        if not cards.fits(entry):
            raise Wrong(deeds[0].index, "It is too much to be shown and agreed to at once. Do it in smaller parts.")
        for deed in deeds:
            results.texts[deed.index] = f"The user is asked first: {cards.would(deed)}."
            self._say(place, deed.instruction, "proposed")
        return entry

    async def _read(self, step: Step, scope: Scope) -> str:
        if step.order is None or step.table is None:
            return ""
        try:
            answer = await self._orders(step.order)
        except Refused as refused:
            return str(refused)
        rows = [row for row in answer.rows if not step.table.scoped or row["profile"] == scope.profile]
        return page(step, answer, rows)

    # --- the end of it ---

    async def _conclude(
        self, row: Row, place: Place, entries: list[Row], results: Results, owners: list[int]
    ) -> Row | None:
        """Order the entries, the step in which the model goes on, and the mark that the reply was played: at once."""
        step = self._next_step(row, results, owners)
        for instruction, problem in results.problems:
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
        return await self._orders(order, cause=place.cause, id=order_id)

    @staticmethod
    def _next_step(row: Row, results: Results, owners: list[int]) -> Row | None:
        """Return the values of the row in which the model goes on, unless it is done or had its turns."""
        detail = row["detail"] or {}
        rounds, retries = detail.get("round", 0) + 1, detail.get("retries", 0) + bool(results.problems)
        calls = detail.get("calls") or []
        owes_words = bool(calls) and not row["text"].strip()
        goes_on = retries <= MOST_RETRIES if results.problems else results.read or owes_words
        if rounds > MOST_ROUNDS or not goes_on:
            return None
        told: Row = {"round": rounds, "retries": retries, "feedback": results.text}
        if calls:
            told["results"] = results.of_calls(calls, owners)
        if results.problems and not calls:
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
