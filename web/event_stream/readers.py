"""Who reads `GET /events` now.

While nobody reads, this process hears nothing for it. A message becomes bytes once, for all readers. What waits for a
slow reader is bounded; when it is too much, it is dropped, and the reader gets a last event that says so. For a moment
after the last reader has left, tokens are still heard, in case it comes back.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from apps.tables import Table
from bus.bus import Bus
from bus.errors import NoBroker, PianolaError
from bus.messages import StoreChanged, StoreOrder
from bus.store_client import ask_store
from bus.wire import Envelope
from web.event_stream.events import KINDS, of_message, opened, with_id
from web.event_stream.position import Position
from web.event_stream.reader import Reader
from web.event_stream.replay import missed_tokens, replay
from web.event_stream.tokens import KEEP_SECONDS, Tokens
from web.event_stream.wanted import Wanted

MOST_READERS = 240
"""More are refused. What waits for several is kept once, and each may hold `LARGEST_QUEUE_BYTES`."""
MOST_OF_ONE = 100
"""Readers that come with the same key: one program cannot take all places."""
MOST_REPLAYING = 4
"""Readers that are told at the same time what they have missed: each asks the store for up to 1,000 changes."""
GREETING_SECONDS = 2.0
"""Longest wait until the bus has our subscriptions. Without a broker, events follow when it is back."""


class Readers:
    """All readers. Hears the bus only while there is one, and for a moment after."""

    def __init__(self, bus: Bus, tables: Mapping[str, Table]) -> None:
        """Nobody reads at first. `tables`: of the store, as they are now."""
        self._bus, self._tables = bus, tables
        self._readers: set[Reader] = set()
        self._entered: Counter[str] = Counter()
        """How many have entered, by the name of their key; "" for those without."""
        self._position = Position()
        self._tokens = Tokens()
        self._replaying = asyncio.Semaphore(MOST_REPLAYING)
        self._hears = False
        self._leaving: asyncio.TimerHandle | None = None
        self._stopping = False

    def is_full(self, client: str) -> bool:
        """Return whether no more fit, or no more of a client."""
        return self._entered.total() >= MOST_READERS or bool(client and self._entered[client] >= MOST_OF_ONE)

    @asynccontextmanager
    async def enter(self, wanted: Wanted, last: Position | None = None) -> AsyncIterator[Reader]:
        """Add a reader. `last`: what it has got; it is told first what it has missed since."""
        reader, client = Reader(wanted), wanted.rights.client
        name = client.name if client else ""
        self._entered[name] += 1
        self._hear()
        try:
            await self._subscribed()
            await self._admit(reader, last)
            yield reader
        finally:
            self._readers.discard(reader)
            self._entered[name] -= 1
            self._entered += Counter()  # drops names with no reader
            if not self._entered:
                self._leaving = asyncio.get_running_loop().call_later(KEEP_SECONDS, self._stop_hearing)

    async def _admit(self, reader: Reader, last: Position | None) -> None:
        """Tell a reader what it has missed, and everything from now on."""
        kinds = [kind.kind for kind in KINDS if reader.wanted.hears_some(kind.kind)]
        reader.push(with_id(last or self._now(), opened(kinds)))
        if last:
            tokens = missed_tokens(self._tokens, last, reader.wanted)
            reader.hold()
            self._readers.add(reader)
            async with self._replaying:
                found = await replay(self._bus, self._tables, last, reader.wanted, tokens)
            reader.release(found.events, found.revision)
        self._readers.add(reader)
        if self._stopping:
            reader.end("stopping")

    def stop(self) -> None:
        """End all readers, because the process stops."""
        self._stopping = True
        for reader in self._readers:
            reader.end("stopping")

    async def _subscribed(self) -> None:
        """Wait until our greeting comes back: the broker had our subscriptions before it. Then learn the revision."""
        if not self._bus.connected:
            return
        try:
            await self._bus.greet(GREETING_SECONDS)
            order = StoreOrder(verb="list", table="setting", limit=1, actor="system")
            newest = (await ask_store(self._bus, order, seconds=GREETING_SECONDS)).revision
            self._position.revision = max(self._position.revision, newest)
        except NoBroker:
            return
        except PianolaError:  # the store is away: a fact tells the revision
            return

    def _hear(self) -> None:
        if self._leaving:
            self._leaving.cancel()
            self._leaving = None
        if not self._hears:
            self._hears = True
            for kind in KINDS:
                self._bus.hear(kind, self._heard)

    def _stop_hearing(self) -> None:
        self._hears, self._leaving = False, None
        self._tokens.clear()
        self._position = Position()
        for kind in KINDS:
            self._bus.stop_hearing(kind, self._heard)

    def _now(self) -> Position:
        self._position.generations = self._tokens.next_of_all()
        return self._position

    def _heard(self, heard: Envelope) -> None:
        bare = of_message(heard)
        revision = 0
        if isinstance(heard.message, StoreChanged):
            revision = heard.message.revision
            self._position.revision = max(self._position.revision, revision)
        else:
            self._tokens.take(heard.message, heard.key, bare)
        kind, one = heard.message.kind, b""
        for reader in self._readers:
            if reader.wanted.hears(kind, heard.key):
                one = one or with_id(self._now(), bare)
                reader.push(one, revision)
