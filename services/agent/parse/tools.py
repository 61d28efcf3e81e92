"""Tools of other programs: which there are, and which one an instruction calls. Pure.

A tool is called by the name of its server and its own, `weather.forecast`. Models write other signs between the two, or
its own name alone, or put its name in place of the operation.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.tables import Row
from services.agent.limits import MAX_ARGUMENTS, MAX_TOOLS
from services.agent.parse.arguments import BadInstruction
from services.agent.parse.normalise import ARGUMENTS, CALL, Unclear, arguments_of

NAMES = ("tool", "name", "tool_name", "function")
"""The keys under which models name a tool. The first one is ours."""
SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class OtherTool:
    """A tool of another program. `about`, and all in `schema`: what a stranger says of it."""

    server: str
    name: str
    about: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)

    @property
    def called(self) -> str:
        """What it is called here: `weather.forecast`."""
        return f"{self.server}.{self.name}"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool."""

    tool: OtherTool
    arguments: Mapping[str, Any]


def tools_of(servers: Iterable[Row]) -> tuple[OtherTool, ...]:
    """Return the tools of the servers that are ready. `servers`: as `mcp.listed` has them."""
    ready = (one for one in servers if one["state"] == "ready")
    found = (
        OtherTool(one["name"], tool["name"], tool["about"], tool["schema"]) for one in ready for tool in one["tools"]
    )
    return tuple(found)[:MAX_TOOLS]


def is_call(instruction: Row, tools: Sequence[OtherTool]) -> bool:
    """Return whether an instruction calls a tool, or has the name of one as its operation."""
    operation = instruction.get("operation")
    return operation == CALL or (bool(tools) and _named(operation, tools) is not None)


def call_of(instruction: Row, tools: Sequence[OtherTool]) -> ToolCall:
    """Return the call that an instruction asks for. Raises `BadInstruction`."""
    by_operation = _named(instruction["operation"], tools)
    key = next((one for one in NAMES if one in instruction), "")
    tool = by_operation or _named(instruction.get(key), tools)
    if tool is None:
        known = ", ".join(one.called for one in tools) or "none"
        raise BadInstruction(f"There is no tool {instruction.get(key)!r:.80}. There are: {known}.")
    arguments = _arguments(instruction, {"operation"} if by_operation else {"operation", key})
    if len(json.dumps(arguments)) > MAX_ARGUMENTS:
        raise BadInstruction(f"A tool takes at most {MAX_ARGUMENTS:,} characters. Write shorter arguments.")
    return ToolCall(tool, arguments)


def _named(name: Any, tools: Sequence[OtherTool]) -> OtherTool | None:
    """Return the tool with this name; by its own name alone, if only one server has it."""
    if type(name) is not str:
        return None
    wanted = plain(name)
    whole = [one for one in tools if plain(one.called) == wanted]
    own = [one for one in tools if plain(one.name) == wanted]
    return whole[0] if whole else own[0] if len(own) == 1 else None


def plain(name: str) -> str:
    """Return a name in lower case, with the same sign between its parts."""
    return SIGNS.sub("_", name.casefold()).strip("_")


def _arguments(instruction: Row, names: set[str]) -> Row:
    """Return what the tool is given: under a key of its own, or beside `operation`."""
    for key in ARGUMENTS:
        if key in instruction:
            try:
                return arguments_of(instruction[key])
            except Unclear as unclear:
                raise BadInstruction(str(unclear)) from unclear
    return {name: value for name, value in instruction.items() if name not in names}
