"""The entries in the chat that say what the assistant did, would do, or could not do. Pure."""

import json
from dataclasses import dataclass
from typing import Literal

from apps.tables import Row, Table
from bus.messages import AgentActed, Values
from services.agent.instructions import Step
from services.agent.words import name_of, one_line, plain

NOTHING: Row = {}
Outcome = Literal["applied", "proposed", "refused", "undone"]

LONGEST_INSTRUCTION = 15_000
"""Characters of an instruction that an entry can hold."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instruction stood: the message, its generation, its number in it; and the app that was open."""

    message: int
    conversation: int
    generation: str
    index: int
    app: str

    @property
    def order_id(self) -> str:
        """The id of the order that carries it out: the same whenever it is tried again."""
        return f"{self.generation}#{self.index}"

    @property
    def cause(self) -> str:
        """The id of the order to generate: what led to all that the instruction does."""
        return f"generate-{self.generation}"


def place_of(entry: Row) -> Place:
    """Return where the instruction of an entry stood."""
    detail = entry["detail"]
    return Place(entry["reply_to"], entry["conversation"], detail["generation"], detail["index"], detail["app"])


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
    """Return the values of the entry's row. `more`: goes into `detail`."""
    detail = {
        "instruction": fitting(instruction),
        "change": 0,
        "app": place.app,
        "generation": place.generation,
        "index": place.index,
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


def fitting(instruction: Row) -> Values:
    """Return the instruction, or only its head when it is too long to be kept."""
    if fits(instruction):
        return instruction
    return {"operation": one_line(str(instruction.get("operation", "")), 60), "shortened": True}


def fits(instruction: Row) -> bool:
    """Return whether an entry can hold the instruction whole."""
    try:
        return len(json.dumps(instruction, allow_nan=False)) <= LONGEST_INSTRUCTION
    except ValueError:  # an infinite number, which JSON cannot write
        return False


def done(step: Step, row: Row, behind: Row) -> str:
    """Return the sentence of something done. `row`: as it is afterwards; `behind`: as it was."""
    table = step.table
    if table is None:
        return f"Opened {step.app}."
    name = name_of(row or behind, table)
    if step.operation == "insert":
        return f"Added {name} to {table.name}."
    if step.operation == "delete":
        return f"Deleted {name} from {table.name}."
    if step.operation == "sort":
        return f"Moved {name}."
    return f"Changed {name}{_differences(row, behind, table)}."


def _differences(row: Row, behind: Row, table: Table) -> str:
    changed = [one.name for one in table.fields if row.get(one.name) != behind.get(one.name)]
    return f" ({', '.join(f'{name}: {plain(row.get(name))}' for name in changed)})" if changed else " (no difference)"


def proposed(step: Step, row: Row) -> str:
    """Return the question to the user. `row`: the one that would change; for an insert its values."""
    if step.table is None:
        return f"Open {step.app}?"
    name = name_of(row, step.table)
    values = step.order.values if step.order else {}
    if step.operation == "insert":
        return f"Add {name} to {step.table.name}?"
    if step.operation == "delete":
        return f"Delete {name} from {step.table.name}?"
    if step.operation == "sort":
        return f"Move {name}?"
    if step.operation == "toggle":
        values = {values["field"]: not row.get(values["field"])}
    return f"Change {name} ({', '.join(f'{key}: {plain(value)}' for key, value in values.items())})?"
