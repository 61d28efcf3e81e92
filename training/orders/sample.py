"""A made-up order: what the user says in a scene, what the assistant answers, and what is right."""

import json
from dataclasses import dataclass

from apps.tables import Row
from bus.messages import Purpose
from services.agent.prompt.turns import Turn
from training.orders.effects import Right, RowsByTable
from training.scenes.scene import Scene


@dataclass(frozen=True, slots=True)
class Sample:
    """One order."""

    language: str
    kind: str
    scene: Scene
    says: str
    """The newest words of the user; for a remark, what just happened; for a step, what came of the instructions."""
    words: str
    """What the assistant says."""
    right: Right
    earlier: tuple[Turn, ...] = ()
    """The talk before."""
    purpose: Purpose = "chat"
    asked: str = ""
    """For a step: the user's words that the assistant still answers."""

    @property
    def answer(self) -> str:
        """The whole answer: words, then each instruction in a fence."""
        return "\n".join([self.words, *map(fenced, self.right.instructions)])

    @property
    def rows_before(self) -> RowsByTable:
        """All rows, by table."""
        return {one.table.name: one.rows for one in self.scene.tables}

    @property
    def rows_after(self) -> RowsByTable:
        """All rows as they are meant to be afterwards."""
        return self.right.rows_after(self.rows_before)


def fenced(instruction: Row) -> str:
    """Return an instruction as the assistant writes it."""
    return f"```json\n{json.dumps(instruction, ensure_ascii=False)}\n```"
