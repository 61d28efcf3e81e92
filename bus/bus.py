"""One process's connection to the bus: connect, greet; then say, hear, ask.

The SUB socket is read through its file descriptor and drained without blocking: a quarter of the cost of awaiting each
message. The descriptor is edge-triggered, so whatever touches the socket looks at it again afterwards.
"""

import asyncio
import inspect
import os
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import zmq

from bus.errors import BadMessage, NoAnswer, NoBroker
from bus.messages import BusGreeted, BusWelcomed, Message
from bus.settings import Settings
from bus.wire import Envelope, Frames, Header, decode_as, encode, split_topic, topic

Handler = Callable[[Envelope], Awaitable[None] | None]
"""Takes what was heard. A coroutine function runs as a task of its own; a plain one in line, in order."""

DRAIN_AT_ONCE = 256
"""Messages handled before other tasks of the process get a turn."""

QUEUE = 10_000
"""Messages that may wait in our own sockets, in each direction."""

ANSWERED_TO_THE_ASKER = ("store.answer", "llm.recalled")
"""Kinds whose key is the asker's sender; other answers are heard by all, so the asker hears them as well."""

FIRST_REPEAT_SECONDS = 0.25
LONGEST_REPEAT_SECONDS = 2.0


@dataclass(slots=True)
class _Asked:
    """An order that waits for its answer."""

    order: Message
    key: str
    cause: str
    id: str
    until: float
    answer: asyncio.Future[Envelope]
    pause: float = FIRST_REPEAT_SECONDS
    repeat: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class Dropped:
    """Bad messages heard since the start, by reason; `log` gets one line per second at most."""

    count: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    logged: float = 0.0

    def add(self, error: BadMessage) -> bool:
        """Count one; return whether it is time to log."""
        self.count += 1
        self.reasons[error.reason] = self.reasons.get(error.reason, 0) + 1
        due = time.monotonic() - self.logged >= 1.0
        if due:
            self.logged = time.monotonic()
        return due


class Bus:
    """A process's voice and ears. Use `hear`, then `connect`, then `greet`, then say and ask."""

    def __init__(self, name: str, settings: Settings, on_error: Callable[[str, BaseException], None]) -> None:
        """`name`: of the process. `on_error`: gets a sentence and what was raised, when a handler failed."""
        self.name = name
        self.run = os.urandom(4).hex()
        self.sender = f"{name}-{self.run}"
        self.dropped = Dropped()
        self.on_drained: Callable[[], None] | None = None
        """Called after each batch of messages: the moment to commit what they asked for."""
        self.on_reconnected: Callable[[], None] | None = None
        """Called when the connection to the broker was lost and is back: messages may have been missed."""
        self._settings = settings
        self._on_error = on_error
        self._handlers: dict[str, list[tuple[str, Handler]]] = {}
        self._everything: Callable[[Frames], None] | None = None
        self._rest_seconds = 0.0
        self._patient: tuple[bytes, ...] = ()
        self._asked: dict[str, _Asked] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._seq = 0
        self._broker = ""
        self._greeted = asyncio.Event()
        self.connected = False

    def connect(self) -> None:
        """Connect both sockets, inside a running event loop. There need not be a broker yet."""
        self._loop = asyncio.get_running_loop()
        self._context = zmq.Context()
        self._pub = self._connect(zmq.PUB, self._settings.publish_endpoint)
        self._sub = self._connect(zmq.SUB, self._settings.subscribe_endpoint)
        self.hear(BusGreeted, lambda _heard: self._greeted.set(), self.sender)
        self.hear(BusWelcomed, self._welcomed, self.sender)
        for kind in ANSWERED_TO_THE_ASKER:
            self._sub.subscribe(topic(kind, self.sender))
        for kind, handlers in self._handlers.items():
            for key, _ in handlers:
                self._sub.subscribe(topic(kind, key))
        if self._everything:
            self._sub.subscribe(b"")
        self._loop.add_reader(self._sub.FD, self._drain)
        self.connected = True
        self._drain()

    def _connect(self, kind: int, endpoint: str) -> zmq.Socket[bytes]:
        socket: zmq.Socket[bytes] = self._context.socket(kind)
        socket.linger = 500 if kind == zmq.PUB else 0
        socket.sndhwm = socket.rcvhwm = QUEUE
        socket.reconnect_ivl, socket.reconnect_ivl_max = 10, 100
        socket.heartbeat_ivl, socket.heartbeat_timeout = 2000, 4000
        socket.connect(endpoint)
        return socket

    async def greet(self, seconds: float = 0.0) -> None:
        """Publish our own greeting until it comes back: from then on what we say and hear arrives.

        Waits for the broker for ever, or raises `NoBroker` after `seconds` (0: for ever).
        """
        self._greeted.clear()
        started, pause = time.monotonic(), 0.002
        while not self._greeted.is_set():
            if seconds and time.monotonic() - started > seconds:
                raise NoBroker(self._settings.publish_endpoint, seconds)
            self.say(BusGreeted(), self.sender)
            pause = min(pause * 1.5, 0.1)
            await self._wait(self._greeted, pause)

    @staticmethod
    async def _wait(event: asyncio.Event, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """Leave the bus. What was said shortly before still goes out (0.5 s at most)."""
        self.connected = False
        for task in self._tasks:
            task.cancel()
        self._loop.remove_reader(self._sub.FD)
        self._sub.close()
        self._pub.close()
        self._context.term()

    # --- say ---

    def say(
        self,
        message: Message,
        key: str | int = "",
        *,
        cause: str = "",
        id: str = "",  # noqa: A002
        until: float = 0.0,
    ) -> str:
        """Publish a message and return its id. Never blocks: with no broker, what does not fit is dropped."""
        self._seq += 1
        id = id or f"{self.sender}-{self._seq}"  # noqa: A001
        frames = encode(message, str(key), Header(id, cause, self.sender, self._seq, time.time(), until))
        try:
            self._pub.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again:
            self.dropped.count += 1
        return id

    # --- hear ---

    def hear(self, kind: type[Message], handler: Handler, key: str | int = "") -> None:
        """Call `handler` for each message of the kind (and key, unless it is "")."""
        key = str(key)
        self._handlers.setdefault(kind.kind, []).append((key, handler))
        if self.connected:
            self._sub.subscribe(topic(kind.kind, key))
            self._loop.call_soon(self._drain)

    def hear_everything(self, handler: Callable[[Frames], None]) -> None:
        """Call `handler` with the raw frames of every message there is, besides the other handlers."""
        self._everything = handler

    def rest(self, seconds: float, *kinds: type[Message]) -> None:
        """Leave the socket alone for so long after each batch of nothing but these kinds (none named: of any).

        For who need not answer them at once, and so is woken less often. What else comes meanwhile waits as long.
        """
        self._rest_seconds = seconds
        self._patient = tuple(topic(kind.kind) for kind in kinds) or (b"",)

    def _drain(self) -> None:
        """Handle what waits in the socket."""
        if self._sub.closed:
            return
        handled = urgent = 0
        for _ in range(DRAIN_AT_ONCE):
            try:
                frames = self._sub.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            handled += 1
            urgent += not frames[0].startswith(self._patient)
            self._heard(frames)
        else:
            self._loop.call_soon(self._drain)
        if self.on_drained:
            self.on_drained()
        if handled and not urgent:
            self._pause()

    def _pause(self) -> None:
        if self._loop.remove_reader(self._sub.FD):  # else it rests already
            self._loop.call_later(self._rest_seconds, self._resume)

    def _resume(self) -> None:
        if not self._sub.closed:
            self._loop.add_reader(self._sub.FD, self._drain)
            self._drain()

    def _heard(self, frames: Frames) -> None:
        try:
            if self._everything:
                self._everything(frames)
            kind, key = split_topic(frames[0])
            handlers = [handler for wanted, handler in self._handlers.get(kind, ()) if wanted in ("", key)]
            asked_for = key == self.sender or self._asked
            if not handlers and not asked_for:
                return
            envelope = decode_as(kind, key, frames)
        except BadMessage as error:
            if self.dropped.add(error):
                self._on_error(f"a bad message was dropped ({self.dropped.count} so far): {error}", error)
            return
        except Exception as error:  # of who hears everything: it must not end the hearing
            self._on_error(f"could not take in {frames[0][:80]!r}: {error}", error)
            return
        if envelope.header.until and time.time() > envelope.header.until:
            return  # an order that arrives late: its asker has been told that nobody answered
        if asked := self._asked.get(envelope.header.cause):
            self._answered(asked, envelope)
        for handler in handlers:
            self._handle(handler, envelope)

    def _handle(self, handler: Handler, envelope: Envelope) -> None:
        try:
            result = handler(envelope)
        except Exception as error:
            self._failed(envelope, error)
        else:
            if result is not None and inspect.iscoroutine(result):
                task = self._loop.create_task(self._guarded(result, envelope))
                self._tasks.add(task)  # a task that nobody holds is collected in mid-work
                task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Awaitable[None], envelope: Envelope) -> None:
        try:
            await work
        except Exception as error:
            self._failed(envelope, error)

    def _failed(self, envelope: Envelope, error: Exception) -> None:
        what = f"{envelope.message.kind}/{envelope.key}"
        self._on_error(f"could not handle {what} ({envelope.header.id}): {error}", error)

    # --- ask ---

    async def ask(
        self,
        order: Message,
        key: str | int = "",
        *,
        cause: str = "",
        id: str = "",  # noqa: A002
        seconds: float = 10.0,
    ) -> Envelope:
        """Repeat an order, under one id, until its answer comes; raises `NoAnswer` after `seconds`.

        The same id again, also by another process or run, is the same order: it takes effect once.
        """
        if already := self._asked.get(id):
            return await asyncio.shield(already.answer)
        id = id or f"{self.sender}-{self._seq + 1}"  # noqa: A001
        asked = _Asked(order, str(key), cause, id, time.time() + seconds, self._loop.create_future())
        self._asked[id] = asked
        deadline = self._loop.call_later(seconds, self._unanswered, asked, seconds)
        try:
            self._send(asked)
            return await asked.answer
        finally:
            deadline.cancel()
            if asked.repeat:
                asked.repeat.cancel()
            if self._asked.get(id) is asked:
                del self._asked[id]

    def _send(self, asked: _Asked) -> None:
        self.say(asked.order, asked.key, cause=asked.cause, id=asked.id, until=asked.until)
        asked.repeat = self._loop.call_later(asked.pause * random.uniform(0.8, 1.2), self._send, asked)  # noqa: S311
        asked.pause = min(asked.pause * 2, LONGEST_REPEAT_SECONDS)

    def _answered(self, asked: _Asked, envelope: Envelope) -> None:
        if envelope.message.kind in asked.order.answers and not asked.answer.done():
            asked.answer.set_result(envelope)

    def _unanswered(self, asked: _Asked, seconds: float) -> None:
        if not asked.answer.done():
            order = asked.order
            asked.answer.set_exception(NoAnswer(order.kind, asked.key, order.receiver, asked.id, seconds))

    def repeat_orders(self) -> None:
        """Say all unanswered orders again now: called when a peer or the broker is back."""
        for asked in list(self._asked.values()):
            if asked.repeat:
                asked.repeat.cancel()
            asked.pause = FIRST_REPEAT_SECONDS
            self._send(asked)

    # --- the broker comes and goes ---

    def _welcomed(self, heard: Envelope) -> None:
        message: BusWelcomed = heard.message
        again, self._broker = bool(self._broker), message.broker
        if again:
            task = self._loop.create_task(self._back())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _back(self) -> None:
        await self.greet()
        self.repeat_orders()
        if self.on_reconnected:
            self.on_reconnected()


def new_id() -> str:
    """Return a unique id, for an order that several runs may send."""
    return os.urandom(8).hex()
