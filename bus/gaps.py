"""Detect lost messages: a source numbers its messages 1, 2, 3 …, so a missing number means that one was lost."""

MOST_SOURCES = 10_000
"""Most sources remembered. The oldest one is forgotten first, so a flood of new names cannot fill the memory."""


class GapDetector:
    """Remembers the last number of each source: `seq` of a sender, `index` of a generation …"""

    def __init__(self) -> None:
        """Start without any source."""
        self._last: dict[str, int] = {}

    def missed(self, source: str, number: int) -> int:
        """Return how many messages are missing before this one. 0 for the first one of a source, or a repeated one."""
        last = self._last.get(source, number - 1)
        self._last[source] = max(last, number)
        if len(self._last) > MOST_SOURCES:
            del self._last[next(iter(self._last))]
        return max(0, number - last - 1)
