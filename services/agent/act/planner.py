"""From checked instructions to planned changes: the rows that each one changes, as they are now."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from apps.tables import BadValue, Row, Table
from bus.messages import StoreOrder
from bus.store_client import StoreClient
from services.agent.act.own_apps import OwnAppPlans
from services.agent.act.planned import PlannedChange, ids_by_table
from services.agent.grounding.rows import title_of
from services.agent.limits import MAX_ROW_NAME, MAX_ROWS_BY_CONDITION
from services.agent.parse.arguments import BadInstruction, title_in_place_of_id
from services.agent.parse.instructions import Scope, Step
from services.agent.prompt.describe import one_line

Rows = dict[tuple[str, int | str], Row]
"""Rows by table and id."""


class WrongInstruction(BadInstruction):
    """One instruction of a reply cannot be carried out, so none of them is. `index`: its number in the reply."""

    def __init__(self, index: int, sentence: str) -> None:
        super().__init__(sentence)
        self.index = index


class Planner:
    """Reads the rows that instructions name."""

    def __init__(self, store_client: StoreClient, own_apps: OwnAppPlans | None = None) -> None:
        """`own_apps`: plans what becomes of own apps; None where none can be made."""
        self._store_client = store_client
        self._own_apps = own_apps

    async def plan(
        self,
        steps: Iterable[tuple[int, Row, Step]],
        scope: Scope,
        done: Sequence[Row] = (),
        words: str = "",
        amended: Row | None = None,
    ) -> list[PlannedChange]:
        """Return a planned change for each row that the instructions change.

        `steps`: number, instruction and step. `done`: rows of `change`, if the same changes were made before a crash:
        rows may be gone then, and a condition was fulfilled by the rows that were changed. `words`: of the user.
        `amended`: the card with the proposed app that they are about.
        Raises `WrongInstruction` for a row that is not in view, and for a condition that no row fulfils.
        """
        steps = list(steps)
        named = {(step.order.table, step.order.id) for _, _, step in steps if step.order}
        by_condition = [one for one in done if (one["subject"], one["row"]) not in named and one["verb"] != "insert"]
        plan: list[PlannedChange] = []
        for index, instruction, step in steps:
            if step.shapes:
                plan.append(await self._of_own_app(index, instruction, step, scope, words=words, amended=amended))
            else:
                plan += await self._of_one(index, instruction, step, scope, by_condition)
        rows: Rows = {}
        for name, ids in ids_by_table(plan).items():
            for row in await self._store_client.list(name, {"id": ids}, limit=MAX_ROWS_BY_CONDITION):
                rows[name, row["id"]] = row
        if not done and (absent := next((one for one in plan if not _is_there(one, rows, scope)), None)):
            raise WrongInstruction(absent.index, await self._absence(absent, scope))
        return _without_idle([_with_row(planned, rows) for planned in plan])

    async def _absence(self, planned: PlannedChange, scope: Scope) -> str:
        """Return that a row is not there, and which other table of the app has one with this id."""
        table, order = planned.step.table, planned.step.order
        if table is None or order is None:
            return ""
        said = f"There is no {table.name} with id {order.id} in the profile in view."
        for other in scope.tables:
            if other is table or other.read_only or other.keyed != table.keyed:
                continue
            found = await self._store_client.list(other.name, {"id": [order.id]}, limit=1)
            if found and (not other.scoped or found[0]["profile"] == scope.profile):
                title = one_line(title_of(found[0], other), MAX_ROW_NAME)
                return f"{said} “{title}” of {other.name} has it: change that one, or insert a new {table.name}."
        return said

    async def _of_one(
        self, index: int, instruction: Row, step: Step, scope: Scope, done: Sequence[Row]
    ) -> list[PlannedChange]:
        table, order = step.table, step.order
        if not step.condition or table is None or order is None:
            return [PlannedChange(index, instruction, step, {})]
        if title := title_in_place_of_id(instruction, table):
            key = await self._id_by_title(index, title, table, scope, done)
            return [PlannedChange(index, instruction, replace(step, order=replace(order, id=key, where={})), {})]
        ids = [one["row"] for one in done if one["subject"] == table.name]
        ids = ids or await self._ids(table, step.condition, scope)
        if not ids:
            raise WrongInstruction(index, f"No {table.name} fulfils the condition {step.condition}.")
        if len(ids) > MAX_ROWS_BY_CONDITION:
            problem = f"More than {MAX_ROWS_BY_CONDITION:,} rows of {table.name} fulfil the condition {step.condition}."
            raise WrongInstruction(index, f"{problem} Change them in smaller parts.")
        return [_of_one_row(index, instruction, step, order, key) for key in ids]

    async def _of_own_app(
        self, index: int, instruction: Row, step: Step, scope: Scope, *, words: str, amended: Row | None
    ) -> PlannedChange:
        if self._own_apps is None:
            raise WrongInstruction(index, "No app is made or changed here.")
        try:
            if amended and step.operation == "change_app":
                return await self._own_apps.amended(index, instruction, step, amended, words)
            return await self._own_apps.planned(index, instruction, step, scope, words)
        except BadValue as problem:
            raise WrongInstruction(index, str(problem)) from problem

    async def _id_by_title(self, index: int, title: Row, table: Table, scope: Scope, done: Sequence[Row]) -> int | str:
        """Return the id of the only row with a title, also if that was changed before a crash."""
        ids = await self._ids(table, title, scope)
        ids = ids or [one["row"] for one in done if title.items() <= (one["before"] or {}).items()]
        if len(ids) != 1:
            found = f"There are {len(ids)} rows" if ids else "There is no row"
            (field, value), *_ = title.items()
            problem = (
                f"{found} of {table.name} with the {field} {value!r:.60}. Use the id of a row that you were shown."
            )
            raise WrongInstruction(index, problem)
        return ids[0]

    async def _ids(self, table: Table, condition: Row, scope: Scope) -> list[int | str]:
        where = condition | ({"profile": scope.profile} if table.scoped else {})
        sort = "position" if table.sortable else "id"
        found = await self._store_client.list(table.name, where, sort=sort, limit=MAX_ROWS_BY_CONDITION + 1)
        return [row["id"] for row in found]


def _of_one_row(index: int, instruction: Row, step: Step, order: StoreOrder, key: int | str) -> PlannedChange:
    """Return the change of one row by an instruction with a condition."""
    single = {name: value for name, value in instruction.items() if name != "where"} | {"id": key}
    one = replace(step, order=replace(order, id=key, where={}))
    return PlannedChange(index, single, one, {}, source=step, written=instruction)


def _without_idle(plan: list[PlannedChange]) -> list[PlannedChange]:
    """Return the plan without rows that fulfil a condition and have the new values already, if others do not."""
    idle = [one for one in plan if one.source and one.step.operation == "update" and one.changes_nothing]
    changed = {one.index for one in plan if one not in idle}
    return [one for one in plan if one not in idle or one.index not in changed]


def _is_there(planned: PlannedChange, rows: Rows, scope: Scope) -> bool:
    """Return whether the row that is to be changed is in the profile in view; True for a new one."""
    order, table = planned.step.order, planned.step.table
    if order is None or table is None or order.verb == "insert":
        return True
    row = rows.get((table.name, order.id))
    return row is not None and (not table.scoped or row["profile"] == scope.profile)


def _with_row(planned: PlannedChange, rows: Rows) -> PlannedChange:
    """Return a change with its row as it is now; as it is for a new row, or one that was deleted before a crash."""
    order = planned.step.order
    row = rows.get((planned.table_name, order.id)) if order and order.verb != "insert" else None
    return replace(planned, before=row) if row else planned
