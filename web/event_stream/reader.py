"""What waits to be sent to one reader of `GET /events`."""

import asyncio
from collections import deque
from collections.abc import Iterable

from web.event_stream.events import PING, Reason, closed
from web.event_stream.wanted import Wanted

LARGEST_QUEUE_BYTES = 4 * 1024 * 1024
"""What may wait for one reader. A single event has 1 MiB at most, which is the limit of the bus."""
LARGEST_CHUNK_BYTES = 64 * 1024
"""Events are sent together up to about this size."""
PING_SECONDS = 15.0
"""A reader that got nothing for so long gets a ping."""


class Reader:
    """A queue of events, and its end."""

    def __init__(self, wanted: Wanted) -> None:
        """Nothing waits, and more will follow. `wanted`: what it hears."""
        self.wanted = wanted
        self.ended = False
        """The last event was queued, or taken."""
        self._queue: deque[bytes] = deque()
        self._size = 0
        self._held: list[tuple[int, bytes]] | None = None
        self._news = asyncio.Event()

    def hold(self) -> None:
        """Keep new events back: what the reader has missed comes first."""
        self._held = []

    def release(self, missed: Iterable[bytes], revision: int) -> None:
        """Queue what was missed, then what was kept back. Facts up to `revision` were among the missed."""
        held, self._held = self._held or [], None
        self._size -= sum(len(one) for _, one in held)
        for one in missed:
            self.push(one)
        for of_fact, one in held:
            if not of_fact or of_fact > revision:
                self.push(one)

    def push(self, one: bytes, revision: int = 0) -> None:
        """Queue an event. If too much waits, end with a last event that says so. `revision`: of a fact."""
        if self.ended:
            return
        if self._size + len(one) > LARGEST_QUEUE_BYTES:
            self._clear()
            self.end("slow")
        elif self._held is None:
            self._add(one)
        else:
            self._size += len(one)
            self._held.append((revision, one))

    def end(self, reason: Reason) -> None:
        """Queue the last event. What waits is sent before it."""
        if not self.ended:
            self.ended = True
            self._add(closed(reason))

    async def next(self) -> bytes:
        """Wait for events, and return those that wait, not many at once; a ping if none comes. b"": it has ended."""
        if not self._queue:
            if self.ended:
                return b""
            self._news.clear()
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                return PING
        return self._take()

    def _add(self, one: bytes) -> None:
        self._queue.append(one)
        self._size += len(one)
        self._news.set()

    def _take(self) -> bytes:
        taken = [self._queue.popleft()]
        size = len(taken[0])
        while self._queue and size + len(self._queue[0]) <= LARGEST_CHUNK_BYTES:
            taken.append(self._queue.popleft())
            size += len(taken[-1])
        self._size -= size
        return b"".join(taken)

    def _clear(self) -> None:
        self._queue.clear()
        self._held = None
        self._size = 0
