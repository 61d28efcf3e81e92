"""Who reads `GET /events` now, and what waits to be sent to each.

While nobody reads, this process hears nothing for it. A message becomes bytes once, for all readers. What waits for a
slow reader is bounded; when it is too much, it is dropped, and the reader gets a last event that says so.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bus.bus import Bus
from bus.errors import NoBroker
from bus.wire import Envelope
from web.event_stream.events import KINDS, PING, Reason, closed, of_message, opened

MOST_READERS = 16
"""More are refused. Each may hold `LARGEST_QUEUE_BYTES`."""
LARGEST_QUEUE_BYTES = 4 * 1024 * 1024
"""What may wait for one reader. A single event has 1 MiB at most, which is the limit of the bus."""
LARGEST_CHUNK_BYTES = 64 * 1024
"""Events are sent together up to about this size."""
PING_SECONDS = 15.0
"""A reader that got nothing for so long gets a ping."""
GREETING_SECONDS = 2.0
"""Longest wait until the bus has our subscriptions. Without a broker, events follow when it is back."""


class Reader:
    """What waits to be sent to one reader."""

    def __init__(self) -> None:
        """Nothing waits, and more will follow."""
        self.ended = False
        """The last event was queued, or taken."""
        self._queue: deque[bytes] = deque()
        self._size = 0
        self._news = asyncio.Event()

    def push(self, one: bytes) -> None:
        """Queue an event. If too much waits, end with a last event that says so."""
        if self.ended:
            return
        if self._size + len(one) > LARGEST_QUEUE_BYTES:
            self._clear()
            self.end("slow")
            return
        self._add(one)

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
        self._size = 0


class Readers:
    """All readers. Hears the bus only while there is one."""

    def __init__(self, bus: Bus) -> None:
        """Nobody reads at first."""
        self._bus = bus
        self._readers: set[Reader] = set()
        self._entered = 0
        self._stopping = False

    @property
    def full(self) -> bool:
        """Whether no more fit."""
        return self._entered >= MOST_READERS

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[Reader]:
        """Add a reader. Its first event says that from now on it gets everything."""
        reader = Reader()
        self._entered += 1
        if self._entered == 1:
            self._hear()
        try:
            await self._subscribed()
            reader.push(opened())
            self._readers.add(reader)
            if self._stopping:
                reader.end("stopping")
            yield reader
        finally:
            self._readers.discard(reader)
            self._entered -= 1
            if not self._entered:
                self._stop_hearing()

    def stop(self) -> None:
        """End all readers, because the process stops."""
        self._stopping = True
        for reader in self._readers:
            reader.end("stopping")

    async def _subscribed(self) -> None:
        """Wait until our greeting comes back: the broker had our subscriptions before it."""
        if self._bus.connected:
            try:
                await self._bus.greet(GREETING_SECONDS)
            except NoBroker:
                return

    def _hear(self) -> None:
        for kind in KINDS:
            self._bus.hear(kind, self._heard)

    def _stop_hearing(self) -> None:
        for kind in KINDS:
            self._bus.stop_hearing(kind, self._heard)

    def _heard(self, heard: Envelope) -> None:
        if not self._readers:
            return
        one = of_message(heard)
        for reader in self._readers:
            reader.push(one)
