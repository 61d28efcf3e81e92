"""Read a finished reply: its instructions, checked, and which of them the user is asked about first. Pure."""

from dataclasses import dataclass

from apps.tables import Row
from bus.messages import Values
from services.agent.instructions import BadInstruction, Scope, Step, check, from_tool_call
from services.agent.scanner import find_instructions

MOST_INSTRUCTIONS = 20
MOST_CHANGES_UNASKED = 5


@dataclass(frozen=True, slots=True)
class Read:
    """An instruction as it was read: the object, and the step, or why there is none."""

    instruction: Row
    step: Step | None = None
    problem: str = ""


def read_instructions(text: str, tool_calls: list[Values], scope: Scope) -> list[Read]:
    """Return the instructions of a reply: native tool calls where there are some, else those in its text. Pure."""
    if tool_calls:
        found = [_read_one(from_tool_call(call), "", scope) for call in tool_calls]
    else:
        found = [_read_one(one.value, one.problem, scope) for one in find_instructions(text)]
    if len(found) > MOST_INSTRUCTIONS:
        problem = f"There were {len(found)} instructions in one reply; only the first {MOST_INSTRUCTIONS} count."
        found = [*found[:MOST_INSTRUCTIONS], Read({}, problem=problem)]
    return found


def _read_one(instruction: Row | None, problem: str, scope: Scope) -> Read:
    if instruction is None:
        return Read({}, problem=problem)
    try:
        return Read(instruction, check(instruction, scope))
    except BadInstruction as bad:
        return Read(instruction, problem=str(bad))


def must_ask(found: list[Read], setting: object) -> list[bool]:
    """Return for each instruction whether the user is asked first: what deletes, and many changes at once. Pure.

    `setting`: "always", "never", or "harmful" (the default).
    """
    writes = [one.step is not None and one.step.writes for one in found]
    if setting == "never":
        return [False] * len(found)
    many = sum(writes) > MOST_CHANGES_UNASKED or setting == "always"
    deletes = [one.step is not None and one.step.operation == "delete" for one in found]
    return [write and (many or delete) for write, delete in zip(writes, deletes, strict=True)]
