"""Run a macro that the user has named in the chat. No model is asked: the steps are what the user did by hand.

For a generation G the changes are the order `do-G`, and the answer with its card is the order `played-G`, as for the
instructions of a reply. So a run that is repeated after a crash does nothing twice.
"""

from dataclasses import dataclass
from datetime import date

from apps.core import MACRO
from apps.macro_steps.running import Prepared, is_done, prepare
from apps.registry import Registry
from apps.tables import BadValue, Row
from bus.errors import Refused
from bus.messages import StoreAnswer, StoreOrder
from bus.store_client import StoreClient
from services.agent.act.cards import Place, new_card
from services.agent.act.macros.said import Said, may_name_one, said
from services.agent.limits import MAX_MACROS, MAX_PROBLEM
from services.agent.prompt.build import generation_of
from services.agent.prompt.turns import question_of
from services.agent.state.live_query import LiveQueries
from services.agent.state.scope import scope_of
from services.agent.state.wants import settings_for


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the answer says of a run, what its card says, and the revisions of the changes that it made."""

    text: str
    done: str = ""
    changes: tuple[int, ...] = ()


class MacroRuns:
    """Runs the macros that are named in the chat."""

    def __init__(self, store_client: StoreClient, queries: LiveQueries, registry: Registry) -> None:
        """Keeps nothing in memory."""
        self._store_client = store_client
        self._queries = queries
        self._registry = registry

    async def answer(self, row: Row) -> bool:
        """Run the macro that the question of an answer names; return False if it names none. `row`: the answer."""
        if row["purpose"] != "chat" or not row["reply_to"]:
            return False
        question = question_of(await self._queries.messages(row["conversation"]), row)
        if question is None or not may_name_one(question["text"]):
            return False
        settings = settings_for(question, await self._queries.settings())
        scope = scope_of(self._registry, settings)
        macros = await self._store_client.list(MACRO.name, {"profile": scope.profile}, limit=MAX_MACROS)
        found = said(question["text"], macros)
        if found is None:
            return False
        place = Place(row["id"], row["conversation"], generation_of(row), scope.app, scope.profile)
        cause = f"answer-{question['id']}"
        await self._finish(row, place, found.macro, await self._run(found, place, cause), cause)
        return True

    async def _run(self, found: Said, place: Place, cause: str) -> Outcome:
        name = f"“{found.macro['name']}”"
        try:
            prepared = await self._prepared(found, place)
            answer = await self._carry_out(prepared, place, cause)
        except (BadValue, Refused) as problem:
            return Outcome(f"Not done: {problem}"[:MAX_PROBLEM])
        changes = tuple(answer.changes)
        if not changes:
            return Outcome(f"{name} changed nothing: all of it is so already. {prepared.words_left_out}".strip())
        done = f"Ran {name}: {len(changes)} change{'s' if len(changes) != 1 else ''}."
        return Outcome(f"Done. {prepared.words_left_out}".strip(), done, changes)

    async def _prepared(self, found: Said, place: Place) -> Prepared:
        """Return what is to be done; nothing if it was done before a crash: the same order is not done twice."""
        if await is_done(self._store_client.ask, place.order_id):
            return Prepared(())
        return await prepare(self._store_client.ask, found.macro, date.today(), found.word)

    async def _carry_out(self, prepared: Prepared, place: Place, cause: str) -> StoreAnswer:
        orders = list(prepared.orders)
        table = orders[0]["table"] if orders else MACRO.name
        order = StoreOrder(verb="batch", table=table, values={"orders": orders}, actor="model")
        return await self._store_client.ask(order, cause=cause, id=place.order_id)

    async def _finish(self, row: Row, place: Place, macro: Row, outcome: Outcome, cause: str) -> None:
        """Order, in one batch, the answer and the card with Undo."""
        values = {
            "state": "done",
            "text": outcome.text,
            "generation": place.generation,
            "detail": (row["detail"] or {}) | {"played": True},
        }
        orders: list[Row] = [{"verb": "update", "table": "message", "id": row["id"], "values": values}]
        if outcome.changes:
            kept = {"change": outcome.changes[-1], "changes": list(outcome.changes)}
            card = new_card(place, "applied", outcome.done, {"operation": "run", "macro": macro["name"]}, kept)
            orders.append({"verb": "insert", "table": "message", "values": card})
        order = StoreOrder(verb="batch", table="message", values={"orders": orders}, actor="model")
        await self._store_client.ask(order, cause=cause, id=f"played-{place.generation}")
