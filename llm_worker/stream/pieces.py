"""A piece of an answer, as every kind of server gives it: text, reasoning, calls of tools, progress, or the end."""

from dataclasses import dataclass, field
from typing import Any, Literal

Reason = Literal["stop", "length"]
State = Literal["waiting", "loading", "reading", "writing"]


@dataclass(frozen=True, slots=True)
class Progress:
    """What the server does now; the fields are those of `llm.progressed`."""

    state: State
    prompt_tokens: int = 0
    known_tokens: int = 0
    read_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What the server counted and timed; the fields are those of `llm.finished`. 0: it did not tell."""

    tokens: int = 0
    prompt_tokens: int = 0
    read_tokens: int = 0
    known_tokens: int = 0
    load_seconds: float = 0.0
    read_seconds: float = 0.0
    write_seconds: float = 0.0


NO_COUNTS = Counts()


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of an answer. Fields that it does not have are empty."""

    text: str = ""
    thinking: str = ""
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    was_reasoning: bool = False
    """All text of the answer before this piece has turned out to be reasoning."""
    progress: Progress | None = None
    end: Reason | None = None
    counts: Counts = NO_COUNTS
    """Only at the end."""

    @property
    def written(self) -> bool:
        """Whether the model has written something: it stands in the piece, or is held back until it is complete."""
        held_back = self.progress is not None and self.progress.state == "writing"
        return bool(self.text or self.thinking or self.tool_calls) or held_back
