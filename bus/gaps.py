"""Notice what was missed: whoever numbers its messages 1, 2, 3 … leaves a gap behind when some are lost."""

MOST_SOURCES = 10_000
"""Sources remembered at once; beyond, the one heard first is forgotten: a flood of names costs no memory."""


class Gaps:
    """The last number heard of each source: a sender with its `seq`, a generation with its `index`, …"""

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self._last: dict[str, int] = {}

    def missed(self, source: str, number: int) -> int:
        """Return how many messages are missing before this one: none, for the first of a source and a repeated one."""
        last = self._last.get(source, number - 1)
        self._last[source] = max(last, number)
        if len(self._last) > MOST_SOURCES:
            del self._last[next(iter(self._last))]
        return max(0, number - last - 1)
