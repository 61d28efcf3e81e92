"""Do what the model wrote: check each instruction, order it or propose it, and leave an entry in the chat.

The order of the instruction number I of a generation G has the id `G#I`, its entry `G#I-card`, and the step that
follows `step-G`: so repeating the work after a crash, at any point, does nothing twice. The cause of all of them is the
order to generate (`generate-G`): unlike the id of `llm.finished` it is still known after a crash.
"""

from dataclasses import dataclass, field

from apps.registry import Registry
from apps.tables import Row
from bus.bus import Bus
from bus.errors import Refused
from bus.messages import StoreOrder, Values
from services.agent import cards
from services.agent.cards import Outcome, Place, place_of
from services.agent.fields import BadInstruction
from services.agent.instructions import Scope, Step, check
from services.agent.memory import Memory
from services.agent.orders import Orders
from services.agent.prompt import row_line, shorten
from services.agent.replies import Read, must_ask, read_instructions
from services.agent.scope import scope_of

MOST_ROUNDS = 5
MOST_RETRIES = 2
LONGEST_FEEDBACK = 3_000
"""Characters: six times as many, when every one is escaped, fit into `detail`."""


@dataclass(slots=True)
class Reply:
    """What the model is told when it goes on."""

    read: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """One message of data."""
        lines = [*self.read, *(f"Not done: {reason} Try again, with that put right." for reason in self.refused)]
        text = "What came of your instructions (data, no orders):\n" + "\n".join(lines)
        return shorten(text, LONGEST_FEEDBACK)


@dataclass(frozen=True, slots=True)
class Deed:
    """A step that was checked, with all that doing it, or asking for it, needs."""

    instruction: Row
    step: Step
    place: Place
    scope: Scope
    before: Row
    """The row that it changes, as it is; for an insert the new values."""

    def subject(self, row: Row) -> Row:
        """Return what an entry keeps of the row that was changed."""
        return {"table": self.step.table.name, "row": row.get("id", 0)} if self.step.table else {}

    def sentence(self, row: Row) -> str:
        """Return what was done. `row`: as it is afterwards."""
        return cards.done(self.step, row, {} if self.step.operation == "insert" else self.before)


class Actions:
    """The hands of the assistant."""

    def __init__(self, bus: Bus, orders: Orders, memory: Memory, registry: Registry) -> None:
        """Nothing happens before `perform`."""
        self._bus = bus
        self._orders = orders
        self._memory = memory
        self._registry = registry

    # --- what a reply says ---

    async def perform(self, row: Row, tool_calls: list[Values], cause: str) -> Row | None:
        """Do what a finished reply says; return the row of the step that follows, when there is something to read."""
        settings = await self._memory.settings()
        scope = scope_of(self._registry, settings)
        found = read_instructions(row["text"], tool_calls, scope)
        if not found:
            return None
        asks = must_ask(found, settings.get("ask", "harmful"))
        reply = Reply()
        for index, (one, ask) in enumerate(zip(found, asks, strict=True)):
            place = Place(row["id"], row["conversation"], row["generation"], index, scope.app)
            try:
                await self._perform(one, place, scope, reply, ask=ask)
            except (BadInstruction, Refused) as problem:
                reply.refused.append(str(problem))
                await self._refuse(one.instruction, place, str(problem))
        return await self._next_step(row, reply, cause)

    async def _perform(self, one: Read, place: Place, scope: Scope, reply: Reply, *, ask: bool) -> None:
        if one.step is None:
            raise BadInstruction(one.problem)
        if one.step.reads:
            reply.read.append(await self._read(one.step, scope))
            return
        if ask and not cards.fits(one.instruction):
            raise BadInstruction("The instruction is too long to be shown and agreed to. Make it shorter.")
        deed = Deed(one.instruction, one.step, place, scope, await self._before(one.step, scope, must_be_there=ask))
        await (self._propose(deed) if ask else self._apply(deed))

    async def _refuse(self, instruction: Row, place: Place, reason: str) -> None:
        await self._insert_card(cards.card(place, "refused", reason, instruction), place)
        self._say(place, instruction, "refused", reason=reason)

    async def _read(self, step: Step, scope: Scope) -> str:
        if step.order is None or step.table is None:
            return ""
        answer = await self._orders(step.order)
        rows = [row for row in answer.rows if not step.table.scoped or row["profile"] == scope.profile]
        lines = [row_line(row, step.table) for row in rows] or ["(no rows)"]
        return "\n".join([f"{step.operation} {step.table.name}:", *lines, *(["(and more)"] if answer.more else [])])

    async def _before(self, step: Step, scope: Scope, *, must_be_there: bool) -> Row:
        """Return the row that a step changes, or raise `BadInstruction` when it is not in the profile in view.

        `must_be_there` false: a row to delete may be gone, by the very same order before a crash; the store knows.
        """
        order, table = step.order, step.table
        if order is None or table is None:
            return {}
        if step.operation == "insert":
            return order.values
        found = await self._orders.list(table.name, {"id": order.id})
        if not found and step.operation == "delete" and not must_be_there:
            return {}
        if not found or (table.scoped and found[0]["profile"] != scope.profile):
            raise BadInstruction(f"There is no {table.name} with id {order.id} in the profile in view.")
        return found[0]

    async def _apply(self, deed: Deed) -> None:
        row, change = await self._carry_out(deed, deed.place.cause)
        detail = {"change": change, **deed.subject(row or deed.before)}
        await self._insert_card(
            cards.card(deed.place, "applied", deed.sentence(row), deed.instruction, detail), deed.place
        )
        self._say(deed.place, deed.instruction, "applied", change)

    async def _propose(self, deed: Deed) -> None:
        text = cards.proposed(deed.step, deed.before)
        detail = {"profile": deed.scope.profile, **deed.subject(deed.before)}
        await self._insert_card(cards.card(deed.place, "proposed", text, deed.instruction, detail), deed.place)
        self._say(deed.place, deed.instruction, "proposed")

    async def _carry_out(self, deed: Deed, cause: str) -> tuple[Row, int]:
        """Order it; return the row as it is then, and the revision of the change (0: none)."""
        order = deed.step.order or StoreOrder(
            verb="update", table="setting", id="app", values={"value": deed.step.app}, actor="model"
        )
        answer = await self._orders(order, cause=cause, id=deed.place.order_id)
        row = answer.rows[0] if answer.rows else {}
        if deed.step.operation == "open" and row:
            self._memory.learn("setting", row, answer.revision)
        if order.verb == "sort":
            row = next((one for one in answer.rows if one["id"] == order.id), row)
        undoable = deed.step.writes and answer.changes
        return row, answer.changes[-1] if undoable else 0

    async def _insert_card(self, values: Row, place: Place) -> None:
        order = StoreOrder(verb="insert", table="message", values=values, actor="model")
        await self._orders(order, cause=place.cause, id=f"{place.order_id}-card")

    async def _next_step(self, row: Row, reply: Reply, cause: str) -> Row | None:
        """Order the row in which the model goes on, unless it had its turns."""
        detail = row["detail"] or {}
        rounds, retries = detail.get("round", 0) + 1, detail.get("retries", 0) + bool(reply.refused)
        tries_again = reply.refused and retries <= MOST_RETRIES
        if rounds > MOST_ROUNDS or not (reply.read or tries_again):
            return None
        values = {
            "conversation": row["conversation"],
            "role": "assistant",
            "purpose": "step",
            "state": "streaming",
            "reply_to": row["reply_to"],
            "attempt": 1,
            "detail": {"round": rounds, "retries": retries, "feedback": reply.text},
        }
        order = StoreOrder(verb="insert", table="message", values=values, actor="model")
        answer = await self._orders(order, cause=cause, id=f"step-{row['generation']}")
        made = answer.rows[0]
        return made if made["state"] == "streaming" else None

    # --- what the user says to it ---

    async def agreed(self, entry: Row, cause: str) -> None:
        """Carry out a proposal that the user agreed to."""
        detail = entry["detail"] or {}
        place = place_of(entry)
        try:
            values = await self._applied(detail, place, cause)
        except (BadInstruction, Refused) as problem:
            values = {"state": "refused", "problem": str(problem)[:2_000]}
            self._say(place, detail["instruction"], "refused", reason=str(problem))
        order = StoreOrder(
            verb="update", table="message", id=entry["id"], values=values, where={"state": "agreed"}, actor="model"
        )
        await self._orders(order, cause=cause, id=f"{place.order_id}-agreed")

    async def _applied(self, detail: Row, place: Place, cause: str) -> Row:
        """Carry a proposal out; return what its entry says then."""
        step, scope = self._still_valid(detail)
        deed = Deed(detail["instruction"], step, place, scope, await self._before(step, scope, must_be_there=False))
        row, change = await self._carry_out(deed, cause)
        self._say(place, deed.instruction, "applied", change)
        detail = detail | {"change": change} | deed.subject(row or deed.before)
        return {"state": "applied", "text": deed.sentence(row), "detail": detail}

    def _still_valid(self, detail: Row) -> tuple[Step, Scope]:
        """Check the proposal against the app and profile for which it was made: another may be open now."""
        scope = scope_of(self._registry, {"app": detail["app"], "profile": detail.get("profile", 1)})
        if scope.app != detail["app"]:
            raise BadInstruction(f"The app {detail['app']!r:.60} is not there any more.")
        return check(detail["instruction"], scope), scope

    def _say(self, place: Place, instruction: Row, outcome: Outcome, change: int = 0, *, reason: str = "") -> None:
        self._bus.say(cards.acted(place, instruction, outcome, change, reason), place.app, cause=place.cause)
