"""A lock for each conversation: inside one, work is done in order; conversations do not wait for each other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class KeyedLock:
    """Locks by conversation. A lock exists as long as somebody holds it or waits for it."""

    def __init__(self) -> None:
        """No lock exists yet."""
        self._locks: dict[int, asyncio.Lock] = {}
        self._users: dict[int, int] = {}
        """How many hold or wait for each lock."""

    @asynccontextmanager
    async def of(self, conversation: int) -> AsyncIterator[None]:
        """Wait for the lock of a conversation, and hold it.

        A lock is removed when its last user leaves, and not as soon as it is free: between its release and the moment
        in which the next one takes it, it is free as well, and a newcomer would get a lock of its own.
        """
        lock = self._locks.setdefault(conversation, asyncio.Lock())
        self._users[conversation] = self._users.get(conversation, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._users[conversation] -= 1
            if not self._users[conversation]:
                del self._users[conversation], self._locks[conversation]
