"""The shapes in which models write an instruction, brought into ours: a map with `operation`. Pure.

Models were trained on many syntaxes of tool calls, and fall back into them: `{"name": …, "arguments": …}`, `action` for
`operation`, a list, a wrapper around it. What is only similar to an instruction is not guessed at: the model is told.
"""

from collections.abc import Iterator
from typing import Any

from apps.tables import Row
from bus.errors import PianolaError
from services.agent.parse.json_reader import JsonReader, Unreadable

OPERATIONS = ("insert", "update", "delete", "toggle", "sort", "list", "get", "search", "open")
ALIASES = {
    "add": "insert",
    "create": "insert",
    "new": "insert",
    "append": "insert",
    "edit": "update",
    "modify": "update",
    "change": "update",
    "set": "update",
    "remove": "delete",
    "erase": "delete",
    "flip": "toggle",
    "switch": "toggle",
    "move": "sort",
    "reorder": "sort",
    "show": "list",
    "select": "list",
    "query": "list",
    "read": "list",
    "fetch": "get",
    "find": "search",
    "lookup": "search",
    "open_app": "open",
    "switch_app": "open",
}
"""What models say for our operations. Only words of one meaning: "complete" could be a toggle or an update."""

SYNONYMS = ("op", "action", "verb", "command", "method")
"""Of `operation`."""
ARGUMENTS = ("arguments", "parameters", "params", "args", "input", "tool_input", "action_input", "kwargs")
NAMES = ("name", "tool", "tool_name", "function", "function_name", "action")
WRAPPERS = {
    "instruction", "instructions", "operations", "actions", "steps", "commands", "calls", "tool_calls", "tool_call",
    "function_call", "function", "call", "action", "step", "requests", "json",
}  # fmt: skip
"""Keys of objects that are no instruction themselves, but hold some."""
MOST_DEPTH = 8
MOST_ROWS = 100
"""That one instruction may name."""


class Unclear(PianolaError):
    """An object that means to be an instruction, but does not say enough."""


def instructions_in(value: Any, depth: int = 0) -> Iterator[Row]:
    """Yield the instructions in a value that was read; raises `Unclear` for what only looks like one."""
    if depth > MOST_DEPTH:
        return
    if type(value) is list:
        for one in value:
            yield from instructions_in(one, depth + 1)
    elif type(value) is dict:
        yield from _in_map(value, depth)


def _in_map(value: Row, depth: int) -> Iterator[Row]:
    if "operation" in value and type(value["operation"]) is not dict:
        yield _spread(value)
    elif called := _called(value):
        yield called
    elif named := _named_otherwise(value):
        yield named
    elif keyed := _keyed_by_operation(value):
        yield keyed
    else:
        for key, held in value.items():
            if key in WRAPPERS and type(held) in (dict, list):
                yield from instructions_in(held, depth + 1)


def _spread(value: Row) -> Row:
    """Take the arguments out of a map of their own: `{"operation": …, "arguments": {…}}`."""
    for key in ARGUMENTS:
        if type(value.get(key)) is dict:
            rest = {name: one for name, one in value.items() if name != key}
            return {**rest, **value[key], "operation": value["operation"]}
    return value


def _called(value: Row) -> Row | None:
    """Read the shapes of tool calls: a name, and arguments beside it."""
    for key in NAMES:
        name = value.get(key)
        given = next((one for one in ARGUMENTS if one in value), None)
        if type(name) is str and given and is_operation(name):
            return {"operation": name, **arguments_of(value[given])}
    return None


def _named_otherwise(value: Row) -> Row | None:
    """Read `{"action": "insert", "table": …}`; without a table it could be anything, so it is not guessed at."""
    for key in SYNONYMS:
        name = value.get(key)
        if type(name) is str and is_operation(name):
            rest = {one: held for one, held in value.items() if one != key}
            if "table" in value or is_open(name):
                return {"operation": name, **rest}
            raise Unclear(f"The instruction has `{key}` where `operation` was expected, and no `table`.")
    return None


def _keyed_by_operation(value: Row) -> Row | None:
    """Read `{"insert": {"table": …, "values": …}}`."""
    if len(value) == 1:
        name, held = next(iter(value.items()))
        if is_operation(name) and type(held) is dict and "table" in held:
            return {**held, "operation": name}
    return None


def from_tool_call(call: Row) -> Row:
    """Return the instruction in a native tool call: the function is the operation, its arguments are the rest."""
    function = call.get("function")
    function = function if type(function) is dict else {}
    arguments = arguments_of(function.get("arguments"))
    name = function.get("name")
    if type(name) is str and not is_operation(name) and type(arguments.get("operation")) is str:
        return arguments
    return {**arguments, "operation": name}


def arguments_of(value: Any) -> Row:
    """Return the arguments of a call; small models write them as JSON inside a text, again and again."""
    if type(value) is str:
        start = value.find("{")
        try:
            value = JsonReader(value, len(value)).read(start)[0] if start >= 0 else {}
        except Unreadable as broken:
            raise Unclear(f"The arguments of the call cannot be read as JSON: {broken}.") from None
    return value if type(value) is dict else {}


def operation_in(name: str) -> str:
    """Return our operation of that name, "" for none. `insert_row` and `Insert-Row` are insert."""
    plain = name.strip().casefold().replace("-", "_").replace(" ", "_").removesuffix("s").removesuffix("_row")
    plain = ALIASES.get(plain, plain)
    return plain if plain in OPERATIONS else ""


def is_operation(name: Any) -> bool:
    """Return whether a name begins or ends with an operation: `insert`, `insert_todo`, `todo.insert`."""
    if type(name) is not str or len(name) > 200:
        return False
    parts = name.casefold().replace(".", "_").split("_")
    return bool(operation_in(name) or operation_in(parts[0]) or operation_in(parts[-1]))


def is_open(name: str) -> bool:
    """Return whether the operation opens an app."""
    return operation_in(name) == "open"


def each(instruction: Row) -> list[Row]:
    """Return the instructions in one that names several rows: a list of `values`, or of ids."""
    for key in ("values", "rows", "id", "ids"):
        held = instruction.get(key)
        if type(held) is list and held and len(held) <= MOST_ROWS:
            rest = {name: value for name, value in instruction.items() if name != key}
            single = {"rows": "values", "ids": "id"}.get(key, key)
            return [{**rest, single: one} for one in held]
    return [instruction]
