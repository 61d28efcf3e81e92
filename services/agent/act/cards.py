"""The entries in the chat that say what the assistant did, would do, or could not do. Pure.

One entry for each instruction that was carried out or refused; one for all that a reply proposes, because all of it is
done together or not at all.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from apps.tables import Row, Table
from bus.messages import AgentActed, Values
from services.agent.act.planned import PlannedChange
from services.agent.prompt.describe import name_of, plain

NOTHING: Row = {}
Outcome = Literal["applied", "proposed", "refused", "undone"]

LARGEST_DETAIL = 90_000
"""Characters of an entry's `detail` as JSON: what does not fit cannot be shown, and so not be agreed to."""
LONGEST_INSTRUCTION = 15_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where instructions stood: the message, its generation, and the app and profile that were in view."""

    message: int
    conversation: int
    generation: str
    app: str
    profile: int = 1

    @property
    def order_id(self) -> str:
        """The id of the order that carries them out: the same whenever it is tried again."""
        return f"do-{self.generation}"

    @property
    def cause(self) -> str:
        """The id of the order to generate: what led to all that the instructions do."""
        return f"generate-{self.generation}"


def place_of(entry: Row) -> Place:
    """Return where the instructions of an entry stood."""
    detail = entry["detail"]
    return Place(
        entry["reply_to"], entry["conversation"], detail["generation"], detail["app"], detail.get("profile", 1)
    )


def acted(place: Place, instruction: Row, outcome: Outcome, change: int = 0, reason: str = "") -> AgentActed:
    """Return the message about what became of an instruction."""
    return AgentActed(
        generation=place.generation,
        instruction=fitting(instruction),
        outcome=outcome,
        change=change,
        reason=reason,
    )


def card(place: Place, state: str, text: str, instruction: Row, more: Row = NOTHING) -> Row:
    """Return the values of an entry's row. `more`: goes into `detail`."""
    detail = {
        "instruction": fitting(instruction),
        "change": 0,
        "changes": [],
        "app": place.app,
        "profile": place.profile,
        "generation": place.generation,
        **more,
    }
    return {
        "conversation": place.conversation,
        "role": "action",
        "state": state,
        "text": text,
        "reply_to": place.message,
        "generation": place.generation,
        "detail": detail,
    }


def applied(place: Place, planned: PlannedChange, row: Row, before: Row, changes: list[int]) -> Row:
    """Return the entry of an instruction that was carried out. `row`: as it is now."""
    undoable = changes if planned.step.writes else []
    subject = {"table": planned.step.table.name, "row": (row or before).get("id", 0)} if planned.step.table else {}
    detail = {"index": planned.index, "change": undoable[-1] if undoable else 0, "changes": undoable, **subject}
    return card(place, "applied", done(planned, row, before), planned.instruction, detail)


def proposal(place: Place, plan: Sequence[PlannedChange]) -> Row:
    """Return the entry that asks the user about what would be done."""
    detail = {
        "index": plan[0].index,
        "instructions": [planned.instruction for planned in plan],
        "would": [planned.would() for planned in plan],
    }
    return card(place, "proposed", question(plan), plan[0].instruction, detail)


def fits(values: Row) -> bool:
    """Return whether the store takes an entry with all its detail."""
    try:
        return len(json.dumps(values["detail"], allow_nan=False)) <= LARGEST_DETAIL
    except ValueError:  # an infinite number, which JSON cannot write
        return False


def fitting(instruction: Row) -> Values:
    """Return the instruction, or only its head when it is too long to be kept."""
    try:
        if len(json.dumps(instruction, allow_nan=False)) <= LONGEST_INSTRUCTION:
            return instruction
    except ValueError:  # as above
        pass
    return {"operation": str(instruction.get("operation", ""))[:60], "shortened": True}


# --- sentences ---


def done(planned: PlannedChange, row: Row, before: Row) -> str:
    """Return the sentence of something done. `row`: as it is afterwards; `before`: as it was."""
    table = planned.step.table
    if table is None:
        return f"Opened {planned.step.app}."
    name = name_of(row or before, table)
    match planned.step.operation:
        case "insert":
            return f"Added {name} to {table.name}."
        case "delete":
            return f"Deleted {name} from {table.name}."
        case "sort":
            return f"Moved {name}."
    return f"Changed {name}{_differences(row, before, table)}."


def _differences(row: Row, before: Row, table: Table) -> str:
    changed = [one.name for one in table.fields if row.get(one.name) != before.get(one.name)]
    return f" ({', '.join(f'{name}: {plain(row.get(name))}' for name in changed)})" if changed else " (no difference)"


def question(plan: Sequence[PlannedChange]) -> str:
    """Return the question to the user: one sentence, or a list of what would be done."""
    if len(plan) == 1:
        return f"{would(plan[0])}?"
    return "\n".join([f"Do these {len(plan)} changes?", *(f"- {would(planned)}" for planned in plan)])


def would(planned: PlannedChange) -> str:
    """Return in words what would be done."""
    step, row = planned.step, planned.before
    if step.table is None or step.order is None:
        return f"Open {step.app}"
    name = name_of(row or step.order.values, step.table)
    match step.operation:
        case "insert":
            return f"Add {name} to {step.table.name}"
        case "delete":
            return f"Delete {name} from {step.table.name}"
        case "sort":
            return f"Move {name}"
    values = planned.would()["after"]
    changed = {key: value for key, value in values.items() if value != row.get(key)}
    return f"Change {name} ({', '.join(f'{key}: {plain(value)}' for key, value in changed.items())})"


def name_in(plan: Sequence[PlannedChange], guards: Sequence[Row], index: int) -> str:
    """Return what the row of an order in a batch is called: first come the guards, then the deeds."""
    planned = plan[min(max(index - len(guards), 0), len(plan) - 1)]
    if index < len(guards):
        guard = guards[index]
        planned = next(one for one in plan if one.before.get("id") == guard["id"])
    return name_of(planned.before, planned.step.table) if planned.step.table and planned.before else "The row"
