"""Read a finished reply: find and check its instructions. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from apps.tables import Row
from bus.messages import Values
from services.agent.limits import MAX_INSTRUCTIONS
from services.agent.parse.arguments import BadInstruction
from services.agent.parse.instructions import Scope, Step, check
from services.agent.parse.normalise import Unclear, from_tool_call, one_per_row
from services.agent.parse.scanner import find_instructions

QUOTATION_TO_SPACE = str.maketrans(dict.fromkeys("`~>“”„«»", " "))

RawInstruction = tuple[int, Row | None, str]
"""Number of the native call (-1: it stood in the text); the object; what is wrong when there is none."""


@dataclass(frozen=True, slots=True)
class ReadInstruction:
    """An instruction as it was read: the object, and its step, or the problem because of which there is none."""

    instruction: Row
    step: Step | None = None
    problem: str = ""
    call: int = -1
    """Number of the native call that contained it; -1: it stood in the text."""


def read_instructions(
    text: str, tool_calls: list[Values], scope: Scope, scope_in: Callable[[str], Scope] | None = None
) -> list[ReadInstruction]:
    """Return the instructions of a reply: its native tool calls if there are any, else those in its text. Pure.

    An instruction that is written twice counts once: small models often repeat themselves. `scope_in`: returns the
    scope of another app; it is used for what follows an instruction to open that app.
    """
    found: list[ReadInstruction] = []
    for call, instruction, problem in _raw_instructions(text, tool_calls):
        if instruction is None:
            found.append(ReadInstruction({}, problem=problem, call=call))
            continue
        for one in one_per_row(instruction):
            if all(one != known.instruction for known in found):
                found.append(_read_one(one, scope, call))
                step = found[-1].step
                scope = scope_in(step.app) if step and step.app and scope_in else scope
    if len(found) > MAX_INSTRUCTIONS:
        problem = f"There were {len(found)} instructions in one reply. At most {MAX_INSTRUCTIONS} are taken."
        return [*found[:MAX_INSTRUCTIONS], ReadInstruction({}, problem=problem)]
    return found


def _raw_instructions(text: str, tool_calls: list[Values]) -> list[RawInstruction]:
    if tool_calls:
        return [(number, *_from_call(call)) for number, call in enumerate(tool_calls)]
    return [(-1, one.value, one.problem) for one in find_instructions(text)]


def _from_call(call: Values) -> tuple[Row | None, str]:
    try:
        return from_tool_call(call), ""
    except Unclear as unclear:
        return None, str(unclear)


def _read_one(instruction: Row, scope: Scope, call: int) -> ReadInstruction:
    try:
        return ReadInstruction(instruction, check(instruction, scope), call=call)
    except BadInstruction as bad:
        return ReadInstruction(instruction, problem=str(bad), call=call)


def quoted_steps(texts: Iterable[str], scope: Scope) -> list[Step]:
    """Return the steps of all instructions in texts that are data, also in quotation marks or code. Pure.

    A step says what an instruction means, so one that is written in another way is recognised too.
    """
    found = (_read_one(one, scope, -1).step for one in quoted_instructions(texts))
    return [step for step in found if step]


def quoted_instructions(texts: Iterable[str]) -> list[Row]:
    """Return the instructions in texts that are data, also those that stand in quotation marks or code. Pure."""
    unquoted = (text.translate(QUOTATION_TO_SPACE) for text in texts if "{" in text)
    found = (one.value for text in unquoted for one in find_instructions(text))
    return [one for instruction in found if instruction for one in one_per_row(instruction)]
