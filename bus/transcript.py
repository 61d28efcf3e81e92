"""The text of one generation as it grows, put together from tokens, with gaps noticed and mended.

Used by whoever follows a stream: web shows it, agent keeps it.
"""

from dataclasses import dataclass, field

from bus.messages import LlmRecalled, LlmToken


@dataclass(slots=True)
class Transcript:
    """Pieces of text in order. Their count is a cursor: what came after it is `since(cursor)`."""

    generation: str
    pieces: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    """The model's reasoning, likewise."""
    next: int = 0
    """Index of the token that comes next."""

    def add(self, token: LlmToken) -> bool:
        """Append a token; one heard before is ignored. Return False at a gap: ask the worker (`llm.recall`)."""
        if token.index > self.next:
            return False
        if token.index == self.next:
            (self.thoughts if token.thinking else self.pieces).append(token.text)
            self.next += 1
        return True

    def mend(self, recalled: LlmRecalled) -> None:
        """Append what the worker has beyond what was heard."""
        if recalled.next > self.next:
            self._extend(self.pieces, recalled.text)
            self._extend(self.thoughts, recalled.thinking)
            self.next = recalled.next

    @staticmethod
    def _extend(pieces: list[str], whole: str) -> None:
        if rest := whole[sum(map(len, pieces)) :]:
            pieces.append(rest)

    @property
    def text(self) -> str:
        """The whole answer so far."""
        return "".join(self.pieces)

    @property
    def thinking(self) -> str:
        """The whole reasoning so far."""
        return "".join(self.thoughts)
