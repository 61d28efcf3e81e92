"""Read a finished reply: its instructions, checked, and whether the user is asked about them first. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from apps.tables import Row
from bus.messages import Values
from services.agent.parse.arguments import BadInstruction
from services.agent.parse.instructions import Scope, Step, check
from services.agent.parse.normalise import Unclear, each, from_tool_call
from services.agent.parse.scanner import find_instructions

MOST_INSTRUCTIONS = 20
MOST_CHANGES_UNASKED = 5
UNQUOTED = str.maketrans(dict.fromkeys("`~>“”„«»", " "))

Said = tuple[int, Row | None, str]
"""Number of the native call (-1: it stood in the text), the object, or what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Read:
    """An instruction as it was read: the object, and the step, or why there is none."""

    instruction: Row
    step: Step | None = None
    problem: str = ""
    call: int = -1
    """Number of the native call that it came in."""


def read_instructions(
    text: str, tool_calls: list[Values], scope: Scope, scope_in: Callable[[str], Scope] | None = None
) -> list[Read]:
    """Return the instructions of a reply: native tool calls where there are some, else those in its text. Pure.

    One that is written twice counts once: small models like to repeat themselves. `scope_in`: the scope of another
    app, which holds for what follows an instruction to open it.
    """
    found: list[Read] = []
    for call, instruction, problem in _said(text, tool_calls):
        if instruction is None:
            found.append(Read({}, problem=problem, call=call))
            continue
        for one in each(instruction):
            if all(one != known.instruction for known in found):
                found.append(_read_one(one, scope, call))
                step = found[-1].step
                scope = scope_in(step.app) if step and step.app and scope_in else scope
    if len(found) > MOST_INSTRUCTIONS:
        problem = f"There were {len(found)} instructions in one reply. At most {MOST_INSTRUCTIONS} are taken."
        return [*found[:MOST_INSTRUCTIONS], Read({}, problem=problem)]
    return found


def _said(text: str, tool_calls: list[Values]) -> list[Said]:
    if tool_calls:
        return [(number, *_called(call)) for number, call in enumerate(tool_calls)]
    return [(-1, one.value, one.problem) for one in find_instructions(text)]


def _called(call: Values) -> tuple[Row | None, str]:
    try:
        return from_tool_call(call), ""
    except Unclear as unclear:
        return None, str(unclear)


def _read_one(instruction: Row, scope: Scope, call: int) -> Read:
    try:
        return Read(instruction, check(instruction, scope), call=call)
    except BadInstruction as bad:
        return Read(instruction, problem=str(bad), call=call)


def must_ask(found: list[Read], setting: object, echoed: Iterable[Row] = ()) -> bool:
    """Return whether the user is asked before anything of a reply is written. Pure.

    `setting`: "always", "never", or "harmful" (the default): what deletes, and more than five rows at once. `echoed`:
    instructions that stand in what the user pasted or in a row: repeating them is never enough to have them done.
    """
    writes = [one for one in found if one.step and one.step.writes]
    echoed = list(echoed)
    if any(one.instruction in echoed for one in writes):
        return True
    if setting == "never":
        return False
    many = len(writes) > MOST_CHANGES_UNASKED or setting == "always"
    return bool(writes) and (many or any(one.step.operation == "delete" for one in writes if one.step))


def instructions_told(texts: Iterable[str]) -> list[Row]:
    """Return the instructions that stand in texts of others, also where they are quoted: they are data. Pure."""
    unquoted = (text.translate(UNQUOTED) for text in texts if "{" in text)
    return [one for text in unquoted for found in find_instructions(text) if found.value for one in each(found.value)]
