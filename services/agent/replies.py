"""Read a finished reply: its instructions, checked, and which of them the user is asked about first. Pure."""

from dataclasses import dataclass

from apps.tables import Row
from bus.messages import Values
from services.agent.fields import BadInstruction
from services.agent.instructions import Scope, Step, check
from services.agent.scanner import find_instructions
from services.agent.shapes import Unclear, each, from_tool_call

MOST_INSTRUCTIONS = 20
MOST_CHANGES_UNASKED = 5


@dataclass(frozen=True, slots=True)
class Read:
    """An instruction as it was read: the object, and the step, or why there is none."""

    instruction: Row
    step: Step | None = None
    problem: str = ""


def read_instructions(text: str, tool_calls: list[Values], scope: Scope) -> list[Read]:
    """Return the instructions of a reply: native tool calls where there are some, else those in its text. Pure.

    One that is written twice counts once: small models like to repeat themselves.
    """
    found: list[Read] = []
    said: list[tuple[Row | None, str]] = []
    if tool_calls:
        said = [_called(call) for call in tool_calls]
    else:
        said = [(one.value, one.problem) for one in find_instructions(text)]
    for instruction, problem in said:
        if instruction is None:
            found.append(Read({}, problem=problem))
            continue
        found += (
            _read_one(one, scope) for one in each(instruction) if all(one != known.instruction for known in found)
        )
    if len(found) > MOST_INSTRUCTIONS:
        problem = f"There were {len(found)} instructions in one reply. At most {MOST_INSTRUCTIONS} are taken."
        return [*found[:MOST_INSTRUCTIONS], Read({}, problem=problem)]
    return found


def _called(call: Values) -> tuple[Row | None, str]:
    try:
        return from_tool_call(call), ""
    except Unclear as unclear:
        return None, str(unclear)


def _read_one(instruction: Row, scope: Scope) -> Read:
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
