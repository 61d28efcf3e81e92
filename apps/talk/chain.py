"""The chain of a conversation: the messages with which it begins, then its own.

A branch copies nothing. It begins with the messages of the conversation `parent`, and of that one's parent, whose ids
are smaller than `before`. Anybody may write such rows, so a chain that bites its tail, and one that is endless, end.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from apps.tables import Row

MOST_SEGMENTS = 64
"""Conversations in one chain. Of a deeper branch, the oldest messages are not shown."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Messages of one conversation in a chain: those with ids smaller than `below`; 0: all."""

    conversation: int
    below: int = 0

    @property
    def where(self) -> Row:
        """The condition that finds the messages in the store."""
        return {"conversation": self.conversation} | ({"id": {"to": self.below - 1}} if self.below else {})

    def holds(self, message: Row) -> bool:
        """Return whether a message belongs to the segment."""
        is_before = not self.below or message["id"] < self.below
        return bool(message.get("conversation") == self.conversation and is_before)


Chain = tuple[Segment, ...]
"""The oldest segment first; the last one is the conversation itself."""


async def read_chain(conversation: int, read: Callable[[int], Awaitable[Row | None]]) -> Chain:
    """Return the chain of a conversation; () for none (0). `read`: returns a row of the table `conversation`.

    A conversation without a row, such as one that was deleted, begins with its own messages.
    """
    segments: list[Segment] = []
    seen: set[int] = set()
    below = 0
    while conversation > 0 and conversation not in seen and len(segments) < MOST_SEGMENTS:
        segments.append(Segment(conversation, below))
        seen.add(conversation)
        row = await read(conversation) or {}
        before = row.get("before") or 0
        if before <= 0:
            break
        below = min(below or before, before)
        conversation = row.get("parent") or 0
    return tuple(reversed(segments))


def is_in(chain: Chain, message: Row) -> bool:
    """Return whether a chain shows a message."""
    return any(segment.holds(message) for segment in chain)
