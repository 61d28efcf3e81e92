"""The growing text of one generation, built from its tokens. Detects lost tokens and fills the gap.

Used by every process that follows a stream: web shows the text, agent stores it.
"""

from dataclasses import dataclass, field

from bus.messages import LlmRecalled, LlmToken


@dataclass(slots=True)
class Transcript:
    """Pieces of text in order. Their number can serve as a cursor: later pieces are new."""

    generation: str
    pieces: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    """The pieces of the model's reasoning, in order."""
    next: int = 0
    """Index of the token that comes next."""

    def add(self, token: LlmToken) -> bool:
        """Append a token; ignore a repeated one. Return False when an earlier one is missing: ask with `llm.recall`."""
        if token.index > self.next:
            return False
        if token.index == self.next:
            (self.thoughts if token.thinking else self.pieces).append(token.text)
            self.next += 1
        return True

    def fill_gap(self, recalled: LlmRecalled) -> None:
        """Append the part of the worker's text that is missing here."""
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
