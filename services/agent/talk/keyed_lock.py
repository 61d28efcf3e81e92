"""Within a conversation one thing follows another; conversations do not wait for each other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class KeyedLock:
    """A lock for each conversation in which somebody is, or waits."""

    def __init__(self) -> None:
        """Nobody is on any lane."""
        self._locks: dict[int, asyncio.Lock] = {}
        self._here: dict[int, int] = {}

    @asynccontextmanager
    async def of(self, conversation: int) -> AsyncIterator[None]:
        """Wait for one's turn in a conversation, and keep it.

        A lane is removed with the last one on it. Whether its lock is free would not tell: between being let go and
        being taken by the one who waits longest it is free as well, and a newcomer would get a lane of his own.
        """
        lock = self._locks.setdefault(conversation, asyncio.Lock())
        self._here[conversation] = self._here.get(conversation, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._here[conversation] -= 1
            if not self._here[conversation]:
                del self._here[conversation], self._locks[conversation]
