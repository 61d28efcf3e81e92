"""Turn the shapes in which models write an instruction into ours: an object with `operation`. Pure.

Models were trained on many syntaxes of tool calls and fall back into them: `{"name": …, "arguments": …}`, `action` for
`operation`, a list, a wrapper. An object that is only similar to an instruction is not guessed at: the model is told.
"""

from collections.abc import Iterator
from typing import Any

from apps.tables import Row
from bus.errors import PianolaError
from services.agent.limits import MAX_ROWS_PER_INSTRUCTION
from services.agent.parse.json_reader import JsonReader, Unreadable

OPERATIONS = ("insert", "update", "delete", "toggle", "sort", "list", "get", "search", "open")
SHAPES = ("make_app", "change_app")
"""Operations on own apps: a new one, and one of other fields. The user is always asked."""
CALL = "call"
"""The operation that calls a tool of another program. It counts only as it is: models write “call” around others."""
WORK_OPERATIONS = ("run", "cancel", "pause", "resume", "retry")
"""Operations on jobs. Their names are common words, so they count only alone, or with “job” behind them."""
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
    "create_app": "make_app",
    "new_app": "make_app",
    "add_app": "make_app",
    "insert_app": "make_app",
    "declare_app": "make_app",
    "build_app": "make_app",
    "update_app": "change_app",
    "edit_app": "change_app",
    "modify_app": "change_app",
    "alter_app": "change_app",
    "switch_app": "open",
    "start": "run",
    "launch": "run",
    "begin": "run",
    "execute": "run",
    "stop": "cancel",
    "abort": "cancel",
    "end": "cancel",
    "suspend": "pause",
    "continue": "resume",
    "go_on": "resume",
    "unpause": "resume",
    "restart": "retry",
    "rerun": "retry",
    "try_again": "retry",
    "run_again": "retry",
}
"""What models write for our operations. Only words with one meaning: "complete" could be a toggle or an update."""

SYNONYMS = ("op", "action", "verb", "command", "method")
"""Keys that models write for `operation`."""
ARGUMENTS = ("arguments", "parameters", "params", "args", "input", "tool_input", "action_input", "kwargs")
NAMES = ("name", "tool", "tool_name", "function", "function_name", "action")
NAMES_OF_JOBS = ("job", "name", "job_name", "job_id", "task")
"""Keys under which models name a job. The first one is ours."""
WRAPPERS = {
    "instruction", "instructions", "operations", "actions", "steps", "commands", "calls", "tool_calls", "tool_call",
    "function_call", "function", "call", "action", "step", "requests", "json",
}  # fmt: skip
"""Keys of objects that are no instructions themselves but contain some."""
MAX_DEPTH = 8
"""Levels of lists and objects in which instructions are looked for."""


class Unclear(PianolaError):
    """An object looks like an instruction, but something needed is missing or cannot be read."""


def instructions_in(value: Any, depth: int = 0) -> Iterator[Row]:
    """Yield the instructions in a value that was read; raise `Unclear` for an object that only looks like one."""
    if depth > MAX_DEPTH:
        return
    if type(value) is list:
        for one in value:
            yield from instructions_in(one, depth + 1)
    elif type(value) is dict:
        yield from _instructions_in_object(value, depth)


def _instructions_in_object(value: Row, depth: int) -> Iterator[Row]:
    if "operation" in value and type(value["operation"]) is not dict:
        yield _flatten_arguments(value)
    elif instruction := _from_call(value) or _from_synonym(value) or _from_operation_key(value):
        yield instruction
    else:
        for key, inner in value.items():
            if key in WRAPPERS and type(inner) in (dict, list):
                yield from instructions_in(inner, depth + 1)


def _flatten_arguments(value: Row) -> Row:
    """Move the arguments one level up: `{"operation": …, "arguments": {…}}`; those of a named job or tool stay."""
    if value["operation"] == CALL:
        return value
    if is_work(value["operation"]) and any(key in value for key in NAMES_OF_JOBS):
        return value
    for key in ARGUMENTS:
        if type(value.get(key)) is dict:
            rest = {name: one for name, one in value.items() if name != key}
            return {**rest, **value[key], "operation": value["operation"]}
    return value


def _from_call(value: Row) -> Row | None:
    """Read the shapes of tool calls: `{"name": "insert", "arguments": {…}}`."""
    arguments_key = next((one for one in ARGUMENTS if one in value), None)
    for key in NAMES:
        name = value.get(key)
        if type(name) is str and arguments_key and is_operation(name):
            if is_work(name) and any(one in value for one in NAMES_OF_JOBS if one != key):
                return {other: one for other, one in value.items() if other != key} | {"operation": name}
            return {"operation": name, **arguments_of(value[arguments_key])}
    return None


def _from_synonym(value: Row) -> Row | None:
    """Read `{"action": "insert", "table": …}`; without a table it could be anything, so the model is told."""
    for key in SYNONYMS:
        name = value.get(key)
        if type(name) is str and is_operation(name):
            rest = {other: argument for other, argument in value.items() if other != key}
            if "table" in value or is_open(name) or is_shape(name) or (is_work(name) and "job" in value):
                return {"operation": name, **rest}
            if is_work(name):
                return None
            raise Unclear(f"The instruction has `{key}` where `operation` was expected, and no `table`.")
    return None


def _from_operation_key(value: Row) -> Row | None:
    """Read `{"insert": {"table": …, "values": …}}`."""
    if len(value) == 1:
        name, arguments = next(iter(value.items()))
        needed = "job" if is_work(name) else "table"
        if is_operation(name) and type(arguments) is dict and (needed in arguments or is_shape(name)):
            return {**arguments, "operation": name}
    return None


def from_tool_call(call: Row) -> Row:
    """Return the instruction in a native tool call: the function's name is the operation, its arguments the rest."""
    function = call.get("function")
    function = function if type(function) is dict else {}
    arguments = arguments_of(function.get("arguments"))
    name = function.get("name")
    if type(name) is str and not is_operation(name) and type(arguments.get("operation")) is str:
        return arguments
    return {**arguments, "operation": name}


def arguments_of(value: Any) -> Row:
    """Return the arguments of a call; small models often write them as JSON inside a text."""
    if type(value) is str:
        start = value.find("{")
        try:
            value = JsonReader(value, len(value)).read(start)[0] if start >= 0 else {}
        except Unreadable as broken:
            raise Unclear(f"The arguments of the call cannot be read as JSON: {broken}.") from None
    return value if type(value) is dict else {}


def operation_in(name: str) -> str:
    """Return our operation for a name that a model used, "" for none. `insert_row` and `Insert-Row` are insert."""
    plain = name.strip().casefold().replace("-", "_").replace(" ", "_").removesuffix("s").removesuffix("_row")
    work = ALIASES.get(plain.removesuffix("_job"), plain.removesuffix("_job"))
    plain = work if work in WORK_OPERATIONS else ALIASES.get(plain, plain)
    return plain if plain in (*OPERATIONS, *WORK_OPERATIONS, *SHAPES) else ""


def is_operation(name: Any) -> bool:
    """Return whether a name begins or ends with an operation: `insert`, `insert_todo`, `todo.insert`."""
    if type(name) is not str or len(name) > 200:
        return False
    parts = name.casefold().replace(".", "_").split("_")
    in_parts = {operation_in(parts[0]), operation_in(parts[-1])} - {"", *WORK_OPERATIONS}
    return bool(operation_in(name) or in_parts)


def is_work(name: Any) -> bool:
    """Return whether the operation starts or ends a job."""
    return type(name) is str and len(name) <= 200 and operation_in(name) in WORK_OPERATIONS


def is_open(name: str) -> bool:
    """Return whether the operation opens an app."""
    return operation_in(name) == "open"


def is_shape(name: Any) -> bool:
    """Return whether the operation makes or changes an own app."""
    return type(name) is str and len(name) <= 200 and operation_in(name) in SHAPES


def one_per_row(instruction: Row) -> list[Row]:
    """Split an instruction that names several rows, by a list of `values` or of ids, into one for each row."""
    if is_shape(instruction.get("operation")):
        return [instruction]
    for key in ("values", "rows", "id", "ids", "job"):
        rows = instruction.get(key)
        if type(rows) is list and rows and len(rows) <= MAX_ROWS_PER_INSTRUCTION:
            rest = {name: value for name, value in instruction.items() if name != key}
            single = {"rows": "values", "ids": "id"}.get(key, key)
            return [{**rest, single: one} for one in rows]
    return [instruction]
