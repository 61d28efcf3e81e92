"""Read an instruction that proposes what to fill into the step of a workflow. Pure.

The one thing that a model writes into a run is `proposed`, which the user takes over or not. Models name the fields of
the step themselves, or write them under `draft`.
"""

from collections.abc import Sequence

from apps.tables import BadValue, Field, Row
from apps.types.reader import HERE, Reader
from apps.work.runs import RUN
from services.agent.parse.arguments import ELLIPSES, BadInstruction, fitted

ONLY_PROPOSED = (
    "In a run only `proposed` is set, by `update`: a map of the fields of its step to values. The user begins runs, "
    "finishes steps and finalises."
)
KEYS = ("proposed", "draft", "data")
"""Where models write the values of the step's fields. The first one is ours."""


def proposing(operation: str, instruction: Row) -> Row:
    """Return an update of a run as one of `proposed` alone; raise `BadInstruction` for any other write."""
    if operation != "update":
        raise BadInstruction(ONLY_PROPOSED)
    values = instruction.get("values")
    written = values if type(values) is dict else instruction
    inside = next((written[key] for key in KEYS if type(written.get(key)) is dict), None)
    own = {one.name for one in RUN.fields} | {"operation", "table", "id", "values", "where", "profile"}
    proposed = inside or {name: value for name, value in written.items() if name not in own}
    if not proposed:
        raise BadInstruction(ONLY_PROPOSED)
    return {"operation": operation, "table": RUN.name, "id": instruction.get("id"), "values": {"proposed": proposed}}


def fitting_proposal(proposed: Row, form: Sequence[Field], title: str, reader: Reader = HERE) -> Row:
    """Return what is proposed as the fields of the step take it; raise `BadInstruction`. `title`: of the step."""
    fields = {one.name: one for one in form}
    if unknown := next((name for name in proposed if name not in fields), ""):
        names = f"It has: {', '.join(fields)}." if fields else "The user fills it in by hand."
        raise BadInstruction(f"The step “{title}” has no field {unknown!r:.60}. {names}")
    if any(type(value) is str and value.strip() in ELLIPSES for value in proposed.values()):
        raise BadInstruction("`proposed` holds an ellipsis. Expected the text itself, not what stands for one.")
    try:
        return {name: fitted(fields[name], value, reader) for name, value in proposed.items()}
    except BadValue as problem:
        raise BadInstruction(str(problem)) from problem
