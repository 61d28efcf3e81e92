"""What an instruction would do: the step, the row as it is, the order that does it, and what it must find. Pure."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.tables import Row
from bus.messages import StoreOrder
from services.agent.parse.instructions import Step


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A step that was checked, with the row that it changes."""

    index: int
    """Which instruction of the reply it is: 0, 1, 2 …"""
    instruction: Row
    step: Step
    before: Row
    """The row as it is; empty for an insert."""

    @property
    def _ordered(self) -> StoreOrder:
        if self.step.order is None:
            raise ValueError(f"the step {self.step.operation} has no order. Expected one on a table.")
        return self.step.order

    def order(self) -> Row:
        """Return the order as a part of a batch."""
        order = self._ordered
        parts = {"verb": order.verb, "table": order.table, "id": order.id, "values": order.values, "where": order.where}
        return {name: value for name, value in parts.items() if value not in (0, {})}

    def guard(self) -> Row | None:
        """Return an order that changes nothing, and is refused when the row is not as it was; None for an insert."""
        table = self.step.table
        if table is None or not self.before:
            return None
        names = (one.name for one in table.fields)
        where = {name: self.before[name] for name in names if name in self.before}
        if self.step.operation == "sort":
            where["position"] = self.before["position"]
        return {"verb": "update", "table": table.name, "id": self.before["id"], "values": {}, "where": where}

    def would(self) -> Row:
        """Return exactly what would change: `operation`, `table`, `row` (its id), and `before` and `after`."""
        order = self._ordered
        return {
            "operation": self.step.operation,
            "table": order.table,
            "row": self.before.get("id", 0),
            "before": self.before,
            "after": self._after(order.values),
        }

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
    return [planned.order() for planned in plan]


def keys_of(plan: Iterable[PlannedChange]) -> dict[str, list[int | str]]:
    """Return the ids of the rows that are changed, by the names of their tables."""
    keys: dict[str, list[int | str]] = {}
    for planned in plan:
        if planned.step.order and planned.step.operation != "insert":
            keys.setdefault(planned.step.order.table, []).append(planned.step.order.id)
    return keys


def guards_of(plan: Iterable[PlannedChange]) -> list[Row]:
    """Return the orders that keep a batch from being carried out on rows that changed meanwhile, one for each row."""
    guards: list[Row] = []
    for planned in plan:
        guard = planned.guard()
        if guard and guard not in guards:
            guards.append(guard)
    return guards


def changes_of(plan: Sequence[PlannedChange], changes: Iterable[Row]) -> list[list[Row]]:
    """Return for each deed the changes that it made, given those of its batch in their order (rows of `change`)."""
    left = deque(changes)
    made: list[list[Row]] = []
    for planned in plan:
        own: list[Row] = []
        while left and _is_of(planned, left[0], first=not own):
            own.append(left.popleft())
        made.append(own)
    return made


def _is_of(planned: PlannedChange, change: Row, *, first: bool) -> bool:
    order = planned.step.order
    if order is None or change["subject"] != order.table:
        return False
    if order.verb == "sort":  # one row moves; when there was no place left, the others are numbered anew
        return change["verb"] == "update" and "position" in change["after"]
    verbs = ("insert",) if order.verb == "insert" else ("delete",) if order.verb == "delete" else ("update", "insert")
    return first and change["verb"] in verbs and (order.id in (0, change["row"]))
