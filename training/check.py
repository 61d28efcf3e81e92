"""Carry out the answer of a made-up order as the product does, and compare the rows with those that are meant.

The answer is read by the agent's scanner, planned by its planner, judged by its grounding check, and written by the
store's own code into a database in memory.
"""

import sqlite3
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlite_utils import Database

from apps.registry import Registry
from apps.tables import Row, Table
from bus.errors import PianolaError
from bus.messages import StoreOrder
from bus.store_client import StoreClient
from services.agent.act.as_said import as_said
from services.agent.act.consent import Case, unsupported
from services.agent.act.planned import PlannedChange, orders_of
from services.agent.act.planner import Planner
from services.agent.grounding.sentences import wish_in
from services.agent.grounding.support import Known
from services.agent.parse.instructions import Scope
from services.agent.parse.reply import read_instructions
from services.agent.parse.spans import without_instructions
from store.file.migrations import migrate
from store.file.shape import shape
from store.file.text_index import add_functions
from store.orders.orders import Orders
from store.tables.history import History, Reason
from store.tables.rows import Rows
from training.orders.effects import RowsByTable
from training.orders.sample import Sample

T = TypeVar("T")

GIVEN = {"profile": 1}


class BadAnswer(PianolaError):
    """The answer of a made-up order does not do what is meant."""

    def __init__(self, sample: Sample, problem: str) -> None:
        said = f"{sample.language}, {sample.kind}: {sample.says!r}"
        super().__init__(f"{said} is answered by {sample.right.instructions}: {problem}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an answer."""

    rows: RowsByTable
    asked: tuple[str, ...] = ()
    """Why the product would ask the user first, for each change that the words do not support."""
    others: list[Row] = field(default_factory=list)
    """Instructions that change no rows."""


class Workbench:
    """A store in memory, in which each answer is carried out and taken back."""

    def __init__(self) -> None:
        """Make the tables of the core."""
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        add_functions(self._connection)
        migrate(self._connection, Registry(), Path())
        self._history = History(self._connection)
        self._number = 0

    def close(self) -> None:
        """Close the store."""
        self._connection.close()

    def outcome(self, sample: Sample, answer: str) -> Outcome:
        """Return what comes of an answer to an order. Raise `BadAnswer` if it cannot be carried out."""
        scene = sample.scene
        scope = Scope(scene.app, scene.declared, scene.apps)
        read = read_instructions(answer, [], scope)
        if problem := next((one.problem for one in read if one.problem), ""):
            raise BadAnswer(sample, problem)
        steps = [(number, one.instruction, one.step) for number, one in enumerate(read) if one.step]
        others = [instruction for _, instruction, step in steps if not step.writes]
        with self._tables(scene.declared, sample.rows_before) as orders:
            case = _case(sample, self._plan(sample, [one for one in steps if one[2].writes], scope, orders))
            plan = list(case.plan)
            asked = tuple(filter(None, (unsupported(one, case) for one in plan)))
            self._carry_out(sample, plan, orders)
            rows = {table.name: self._rows(orders, table) for table in scene.declared}
        return Outcome(rows, asked, others)

    def _plan(self, sample: Sample, steps: list[Any], scope: Scope, orders: Orders) -> list[PlannedChange]:
        planner = Planner(cast("StoreClient", LocalStore(orders)))
        try:
            return finished(planner.plan(steps, scope))
        except PianolaError as problem:
            raise BadAnswer(sample, str(problem)) from problem

    def _carry_out(self, sample: Sample, plan: list[PlannedChange], orders: Orders) -> None:
        if not plan:
            return
        self._number += 1
        batch = StoreOrder(verb="batch", table=plan[0].table_name, values={"orders": orders_of(plan)}, actor="model")
        answer = orders.carry_out(batch, Reason("model", f"order-{self._number}", ""))
        if answer.error:
            raise BadAnswer(sample, str(answer.error))

    def _rows(self, orders: Orders, table: Table) -> list[Row]:
        found = LocalStore(orders).found(table.name, {}, limit=1_000)
        return [{name: value for name, value in row.items() if name not in ("profile", "position")} for row in found]

    @contextmanager
    def _tables(self, tables: tuple[Table, ...], rows: RowsByTable) -> Iterator[Orders]:
        """Make tables with rows; afterwards everything is taken back."""
        self._connection.execute("begin")
        try:
            database = Database(self._connection)
            known = {table.name: table for table in tables}
            for table in tables:
                shape(database, table)
                filled = Rows(self._connection, table, known)
                for place, row in enumerate(rows[table.name], start=1):
                    filled.insert(_whole(row, table, float(place)), row["id"])
            yield Orders(self._connection, known, self._history)
        finally:
            self._connection.execute("rollback")
            self._history.reload_revision()


def _whole(row: Row, table: Table, place: float) -> Row:
    values = {name: value for name, value in row.items() if name != "id"} | GIVEN
    return values | ({"position": place} if table.sortable else {})


class LocalStore:
    """The store as the planner asks it, in this process."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    def found(self, table: str, where: Row, *, sort: str = "", limit: int = 0) -> list[Row]:
        """Return the rows that match."""
        order = StoreOrder(verb="list", table=table, where=where, sort=sort, limit=limit, actor="system")
        return self._orders.carry_out(order, Reason("system", "", "")).rows

    async def list(self, table: str, where: Row, *, sort: str = "", limit: int = 0) -> list[Row]:
        """Return the rows that match, as `StoreClient` does."""
        return self.found(table, where, sort=sort, limit=limit)


def finished(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as result:
        return cast("T", result.value)
    raise RuntimeError("the planner waits for something. Expected a store that answers at once.")


def _case(sample: Sample, plan: Sequence[PlannedChange]) -> Case:
    """Return what the grounding check knows."""
    said = sample.asked or sample.says
    before = next((one.text for one in reversed(sample.earlier) if one.role == "assistant"), "")
    wish = wish_in(said, "" if sample.asked else without_instructions(before))
    known = Known(sample.rows_before, _last_changed(sample), {one.name: one for one in sample.scene.declared})
    return Case(
        plan=tuple(as_said(plan, wish, known)),
        question=said,
        wish=wish,
        known=known,
        setting="harmful",
        quoted=[],
        elsewhere=(),
        tables=sample.scene.declared,
        is_many=False,
    )


def _last_changed(sample: Sample) -> tuple[str, int]:
    """Return the row that the talk before has changed."""
    effects = [one for one in sample.right.effects if hasattr(one, "id")]
    is_after_change = any("```" in one.text for one in sample.earlier) and not sample.asked
    return (sample.scene.table.name, effects[0].id) if effects and is_after_change else ("", 0)


def check(sample: Sample, workbench: Workbench, answer: str | None = None) -> Outcome:
    """Return what comes of an order's answer. Raise `BadAnswer` if the rows are not as they are meant to be.

    `answer`: another one than the order's own, such as that of a model.
    """
    outcome = workbench.outcome(sample, sample.answer if answer is None else answer)
    wanted = sample.rows_after
    for name, rows in wanted.items():
        known = {row["id"] for row in sample.rows_before[name]}
        is_, meant = (_without_new_ids(one, known) for one in (outcome.rows[name], rows))
        if is_ != meant:
            raise BadAnswer(sample, f"the rows of {name} are {is_}, and are meant to be {meant}")
    if outcome.others != list(sample.right.others):
        raise BadAnswer(sample, f"it reads or opens {outcome.others}")
    return outcome


def _without_new_ids(rows: list[Row], known: set[int]) -> list[Row]:
    return [row if row["id"] in known else {name: value for name, value in row.items() if name != "id"} for row in rows]
