"""Check an instruction of the model against the open app's tables, and turn it into an order. Pure.

The tables and fields come from the declarations, never from the model's text: what is not declared is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.core import PROFILE
from apps.tables import BadValue, Field, Row, Table
from bus.errors import PianolaError
from bus.messages import StoreOrder
from services.agent.syntax import written

READS = ("list", "get", "search")
WRITES = ("insert", "update", "delete", "toggle", "sort")
OPERATIONS = (*WRITES, *READS, "open")
ALIASES = {"add": "insert", "create": "insert", "remove": "delete", "move": "sort", "find": "search"}

MOST_ROWS_READ = 50


class BadInstruction(PianolaError):
    """The model's instruction cannot be carried out; the sentence is for the user, and for the model to do better."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the model may act: the open app, and the profile in view."""

    app: str
    tables: tuple[Table, ...]
    apps: tuple[str, ...]
    profile: int = 1

    def table(self, name: Any) -> Table:
        """Return the table of that name; the only one, when the model named none."""
        if name is None and len(self.tables) == 1:
            return self.tables[0]
        found = next((table for table in self.tables if table.name == name), None)
        if found is None:
            names = ", ".join(table.name for table in self.tables) or "none"
            raise BadInstruction(f"The open app {self.app} has no table {name!r:.60}. It has: {names}.")
        return found


@dataclass(frozen=True, slots=True)
class Step:
    """An instruction that was checked: the order that carries it out, or the app to open."""

    operation: str
    order: StoreOrder | None = None
    table: Table | None = None
    app: str = ""

    @property
    def reads(self) -> bool:
        """Whether it only reads."""
        return self.operation in READS

    @property
    def writes(self) -> bool:
        """Whether it changes rows."""
        return self.operation in WRITES


def check(instruction: Row, scope: Scope) -> Step:
    """Return the step that an instruction asks for, or raise `BadInstruction`."""
    named = instruction.get("operation")
    operation = ALIASES.get(named, named) if type(named) is str else named
    if operation not in OPERATIONS:
        raise BadInstruction(f"There is no operation {named!r:.60}. There are: {', '.join(OPERATIONS)}.")
    if operation == "open":
        return _open(instruction, scope)
    table = scope.table(instruction.get("table"))
    if operation == "delete" and table is PROFILE:
        raise BadInstruction("Only the user deletes a profile: the page asks what becomes of its rows.")
    try:
        order = ORDERS[operation](instruction, table, scope.profile)
    except BadValue as problem:
        raise BadInstruction(str(problem)) from problem
    return Step(operation, order, table)


def from_tool_call(call: Row) -> Row:
    """Return the instruction in a native tool call: the function is the operation, or carries it as an argument."""
    function = call.get("function")
    function = function if type(function) is dict else {}
    arguments = function.get("arguments")
    return {"operation": function.get("name"), **(arguments if type(arguments) is dict else {})}


def _open(instruction: Row, scope: Scope) -> Step:
    name = instruction.get("app")
    if name not in scope.apps:
        raise BadInstruction(f"There is no app {name!r:.60}. There are: {', '.join(scope.apps)}.")
    return Step("open", app=str(name))


def _insert(instruction: Row, table: Table, profile: int) -> StoreOrder:
    values = _values(instruction, table)
    for one in table.fields:
        if one.required and one.name not in values:
            raise BadInstruction(f"A row of `{table.name}` needs `{one.name}`.")
    scoped = {"profile": profile} if table.scoped else {}
    return StoreOrder(verb="insert", table=table.name, values=values | scoped, actor="model")


def _update(instruction: Row, table: Table, _profile: int) -> StoreOrder:
    values = _values(instruction, table)
    if not values:
        raise BadInstruction("An update needs `values`: the fields to set.")
    return StoreOrder(verb="update", table=table.name, id=_id(instruction, table), values=values, actor="model")


def _delete(instruction: Row, table: Table, _profile: int) -> StoreOrder:
    return StoreOrder(verb="delete", table=table.name, id=_id(instruction, table), actor="model")


def _toggle(instruction: Row, table: Table, _profile: int) -> StoreOrder:
    flips = [one.name for one in table.fields if one.type == "boolean"]
    name = instruction.get("field", flips[0] if len(flips) == 1 else None)
    if name not in flips:
        raise BadInstruction(f"`field` is {name!r:.60}. Expected one of: {', '.join(flips) or 'none there'}.")
    return StoreOrder(
        verb="toggle", table=table.name, id=_id(instruction, table), values={"field": name}, actor="model"
    )


def _sort(instruction: Row, table: Table, _profile: int) -> StoreOrder:
    if not table.sortable:
        raise BadInstruction(f"The rows of `{table.name}` have no order of their own.")
    after = _whole(instruction.get("after", 0), "after", least=0)
    return StoreOrder(verb="sort", table=table.name, id=_id(instruction, table), values={"after": after}, actor="model")


def _list(instruction: Row, table: Table, profile: int) -> StoreOrder:
    where = instruction.get("where") or {}
    if type(where) is not dict:
        raise BadInstruction("`where` must map fields to the values that they must have.")
    checked = {name: _field(table, name).checked(value) for name, value in where.items() if name != "profile"}
    scoped = {"profile": profile} if table.scoped else {}
    return StoreOrder(verb="list", table=table.name, where=checked | scoped, limit=MOST_ROWS_READ, actor="model")


def _get(instruction: Row, table: Table, _profile: int) -> StoreOrder:
    return StoreOrder(verb="get", table=table.name, id=_id(instruction, table), actor="model")


def _search(instruction: Row, table: Table, _profile: int) -> StoreOrder:
    text = instruction.get("text")
    if type(text) is not str or not text.strip():
        raise BadInstruction("A search needs `text`: the words to look for.")
    return StoreOrder(verb="search", table=table.name, values={"text": text[:500]}, limit=MOST_ROWS_READ, actor="model")


ORDERS: dict[str, Callable[[Row, Table, int], StoreOrder]] = {
    "insert": _insert,
    "update": _update,
    "delete": _delete,
    "toggle": _toggle,
    "sort": _sort,
    "list": _list,
    "get": _get,
    "search": _search,
}


def _values(instruction: Row, table: Table) -> Row:
    values = instruction.get("values") or {}
    if type(values) is not dict:
        raise BadInstruction("`values` must map fields to their values.")
    return {name: _field(table, name).checked(value) for name, value in values.items() if name not in ("profile", "id")}


def _field(table: Table, name: str) -> Field:
    fields = written(table)
    found = next((one for one in fields if one.name == name), None)
    if found is None:
        names = ", ".join(one.name for one in fields)
        raise BadInstruction(f"`{table.name}` has no field {name!r:.60} that you may use. It has: {names}.")
    return found


def _id(instruction: Row, table: Table) -> int | str:
    key = instruction.get("id")
    if table.keyed:
        if type(key) is not str or not key:
            raise BadInstruction(f"`id` is {key!r:.60}. Expected the id of a row of `{table.name}`, a text.")
        return key
    return _whole(key, "id", least=1)


def _whole(value: Any, name: str, least: int) -> int:
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    if type(value) is not int or not least <= value < 2**63:
        raise BadInstruction(f"`{name}` is {value!r:.60}. Expected the id of a row that you were shown.")
    return value
