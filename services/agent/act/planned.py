"""A planned change: a checked instruction, the row that it changes, and the orders that carry it out. Pure."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.tables import Row
from apps.work.runs import RUN
from bus.messages import StoreOrder
from services.agent.parse.instructions import Step

SHAPE = ("name", "label", "icon", "declaration")
"""Fields of an own app that say what it looks like."""
STEP_OF_RUN = ("step", "turn", "finalised")
"""Fields of a run that must be as they were shown: what the user types meanwhile is no reason to do nothing."""


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """An instruction that writes or opens an app, and the row that it changes."""

    index: int
    """Number of the instruction in the reply: 0, 1, 2 …"""
    instruction: Row
    step: Step
    before: Row
    """The row as it is now; empty for an insert."""
    source: Step | None = None
    """The step that names this row among others by a condition; None: the instruction names this row alone."""
    written: Row | None = None
    """The instruction with the condition, as the model wrote it; None as above."""
    notes: tuple[str, ...] = ()
    """Of a change of an own app: what becomes of values, which the user should know first."""

    @property
    def as_written(self) -> Row:
        """The instruction as the model wrote it."""
        return self.instruction if self.written is None else self.written

    @property
    def condition(self) -> Row:
        """The condition by which the row was found; {} if it was named by its id."""
        return self.source.condition if self.source else {}

    @property
    def table_name(self) -> str:
        """The name of the table that it changes; "" for none."""
        return self.step.table.name if self.step.table else ""

    @property
    def _step_order(self) -> StoreOrder:
        if self.step.order is None:
            raise ValueError(f"the step {self.step.operation} has no order. Expected one on a table.")
        return self.step.order

    def order(self) -> Row:
        """Return the order as a part of a batch."""
        order = self._step_order
        parts = {"verb": order.verb, "table": order.table, "id": order.id, "values": order.values, "where": order.where}
        return {name: value for name, value in parts.items() if value not in (0, {})}

    def guard(self) -> Row | None:
        """Return an order that changes nothing and is refused if the row has changed since; None for an insert."""
        table = self.step.table
        if table is None or not self.before or self.step.work or self.step.shapes:
            return None
        names = STEP_OF_RUN if table is RUN else tuple(one.name for one in table.fields)
        where = {name: self.before[name] for name in names if name in self.before}
        if self.step.operation == "sort":
            where["position"] = self.before["position"]
        return {"verb": "update", "table": table.name, "id": self.before["id"], "values": {}, "where": where}

    @property
    def changes_nothing(self) -> bool:
        """Whether the row has the new values of an update already."""
        return bool(self.before) and all(
            self.before.get(name) == value for name, value in self._step_order.values.items()
        )

    def preview(self) -> Row:
        """Return what would change: `operation`, `table`, `row` (its id), and the row `before` and `after`."""
        order = self._step_order
        if work := self.step.work:
            return self._preview_of_work(dict(work.arguments or {}))
        if self.step.shapes:
            return self._preview_of_app(order.values)
        return {
            "operation": self.step.operation,
            "table": order.table,
            "row": self.before.get("id", 0),
            "before": self.before,
            "after": self._after(order.values),
        }

    def _preview_of_app(self, values: Row) -> Row:
        before = {name: self.before[name] for name in SHAPE if name in self.before}
        parts = {"operation": self.step.operation, "table": self.table_name, "row": self.before.get("id", 0)}
        examples = [{"table": one["table"], "values": one["values"]} for one in self.step.examples]
        notes = {"notes": list(self.notes)} if self.notes else {}
        return parts | {"before": before, "after": values, "examples": examples} | notes

    def _preview_of_work(self, arguments: Row) -> Row:
        values = self._step_order.values
        named = {name: values[name] for name in ("title", "app") if name in values}
        parts = {"operation": self.step.operation, "table": self.table_name, "row": self.before.get("id", 0)}
        if not self.before:  # an argument that is called title or app stands in the instruction
            return parts | {"before": {}, "after": named | {k: v for k, v in arguments.items() if k not in named}}
        told = {name: self.before[name] for name in ("title", "state", "done", "total")}
        return parts | {"before": told, "after": told | values}

    def _after(self, values: Row) -> Row:
        match self.step.operation:
            case "delete":
                return {}
            case "toggle":
                name = values["field"]
                return self.before | {name: not self.before.get(name)}
            case "sort":
                return self.before | {"after": values["after"]}
        return self.before | values


def orders_of(plan: Iterable[PlannedChange]) -> list[Row]:
    """Return the orders of a batch."""
    return [order for planned in plan for order in (planned.order(), *planned.step.examples)]


def rows_by_step(plan: Sequence[PlannedChange], rows: Sequence[Row]) -> list[Row]:
    """Return the row of each planned change. `rows`: as the store answered a batch that ends with these changes."""
    at = len(rows) - len(orders_of(plan))
    found = []
    for planned in plan:
        found.append(rows[at])
        at += 1 + len(planned.step.examples)
    return found


def planned_of_order(plan: Sequence[PlannedChange], index: int) -> PlannedChange:
    """Return the planned change to which an order of `orders_of` belongs; the last one, if there is no such order."""
    for planned in plan:
        index -= 1 + len(planned.step.examples)
        if index < 0:
            return planned
    return plan[-1]


def ids_by_table(plan: Iterable[PlannedChange]) -> dict[str, list[int | str]]:
    """Return the ids of the rows that would be changed, by the name of their table."""
    ids: dict[str, list[int | str]] = {}
    for planned in plan:
        if planned.step.order and planned.step.order.verb != "insert":
            ids.setdefault(planned.step.order.table, []).append(planned.step.order.id)
    return ids


def guards_of(plan: Iterable[PlannedChange]) -> list[Row]:
    """Return one guard for each row: with these a batch is refused if one of the rows has changed since."""
    guards: list[Row] = []
    for planned in plan:
        guard = planned.guard()
        if guard and guard not in guards:
            guards.append(guard)
    return guards


def changes_by_step(plan: Sequence[PlannedChange], changes: Iterable[Row]) -> list[list[Row]]:
    """Return for each planned change the rows of `change` that it made. `changes`: those of its batch, in order."""
    left = deque(changes)
    by_step: list[list[Row]] = []
    for planned in plan:
        own: list[Row] = []
        while left and _was_made_by(planned, left[0], first=not own):
            own.append(left.popleft())
        by_step.append(own)
    return by_step


def _was_made_by(planned: PlannedChange, change: Row, *, first: bool) -> bool:
    order = planned.step.order
    if planned.step.examples and not first:
        return change["verb"] == "insert" and any(change["subject"] == one["table"] for one in planned.step.examples)
    if order is None or change["subject"] != order.table:
        return False
    if order.verb == "sort":  # one row moves; if there was no free position, the others get new positions too
        return change["verb"] == "update" and "position" in change["after"]
    verbs = ("insert",) if order.verb == "insert" else ("delete",) if order.verb == "delete" else ("update", "insert")
    return first and change["verb"] in verbs and (order.id in (0, change["row"]))
