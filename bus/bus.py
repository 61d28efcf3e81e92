"""One process's connection to the bus: connect and greet first; then say (publish), hear (receive) and ask.

The event loop watches the file descriptor of the SUB socket, and `_drain` reads all waiting messages without blocking.
That costs a quarter of awaiting each message. The descriptor is edge-triggered: it signals a change once. So after
every other use of the socket `_drain` must run again.
"""

import asyncio
import inspect
import os
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import zmq

from bus.checks.refusals import EXPIRED, Refusal, is_order_to, refusal_of_bad, refusal_of_late
from bus.errors import BadMessage, NoAnswer, NoBroker, Refused
from bus.messages import BusGreeted, BusRefused, BusWelcomed, Message, StoreAnswer
from bus.settings import Settings
from bus.wire import Envelope, Frames, Header, decode_as, encode, split_topic, topic

Handler = Callable[[Envelope], Awaitable[None] | None]
"""Called with each message received. A plain function runs at once, in order; a coroutine runs as a task of its own."""

DRAIN_AT_ONCE = 256
"""Most messages handled before other tasks of the process get a turn."""

QUEUE = 10_000
"""Most messages that wait in our own sockets, in each direction; more are dropped."""

ANSWERS_TO_SENDER = ("store.answer", "store.backed_up", "llm.recalled", "bus.refused")
"""Answers whose key is the asker's `sender`: we subscribe to ours. Other answers go to all subscribers of the kind."""

FIRST_REPEAT_SECONDS = 0.25
LONGEST_REPEAT_SECONDS = 2.0
ANSWER_SECONDS = 10.0
"""How long an order is repeated before it counts as unanswered; then its receiver refuses it."""


@dataclass(slots=True)
class _PendingOrder:
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
    """Counts bad messages received since the start, by reason. At most one per second is logged."""

    count: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    logged: float = 0.0

    def add(self, error: BadMessage) -> bool:
        """Count one; return whether it may be logged now."""
        self.count += 1
        self.reasons[error.reason] = self.reasons.get(error.reason, 0) + 1
        due = time.monotonic() - self.logged >= 1.0
        if due:
            self.logged = time.monotonic()
        return due


class Bus:
    """A process's connection to the bus. Call `hear`, then `connect`, then `greet`; then `say` and `ask`."""

    def __init__(self, name: str, settings: Settings, on_error: Callable[[str, BaseException], None]) -> None:
        """`name`: of the process. `on_error`: called with a sentence and the exception when a handler fails."""
        self.name = name
        self.run = os.urandom(4).hex()
        self.sender = f"{name}-{self.run}"
        self.dropped = Dropped()
        self.on_drained: Callable[[], None] | None = None
        """Called after each batch of messages was handled. The store commits here."""
        self.on_reconnected: Callable[[], None] | None = None
        """Called when the connection to the broker is back after a loss: messages may have been missed."""
        self._settings = settings
        self._on_error = on_error
        self._handlers: dict[str, list[tuple[str, Handler]]] = {}
        self._raw_handler: Callable[[Frames], None] | None = None
        self._pause_seconds = 0.0
        self._pause_after: tuple[bytes, ...] = ()
        self._pending: dict[str, _PendingOrder] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._seq = 0
        self._broker = ""
        self._greeted = asyncio.Event()
        self.connected = False

    def connect(self) -> None:
        """Connect both sockets, inside a running event loop. The broker may start later."""
        self._loop = asyncio.get_running_loop()
        self._context = zmq.Context()
        self._pub = self._connect(zmq.PUB, self._settings.publish_endpoint)
        self._sub = self._connect(zmq.SUB, self._settings.subscribe_endpoint)
        self.hear(BusGreeted, lambda _heard: self._greeted.set(), self.sender)
        self.hear(BusWelcomed, self._heard_welcome, self.sender)
        for kind in ANSWERS_TO_SENDER:
            self._sub.subscribe(topic(kind, self.sender))
        for kind, handlers in self._handlers.items():
            for key, _ in handlers:
                self._sub.subscribe(topic(kind, key))
        if self._raw_handler:
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
        """Publish our own greeting until it comes back. From then on messages go through in both directions.

        Raises `NoBroker` when the greeting does not come back within `seconds` (0: wait without limit).
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
        """Leave the bus. Messages said just before are still sent (this takes 0.5 s at most)."""
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
        id: str = "",  # noqa: A002 (the name in the header)
        until: float = 0.0,
    ) -> str:
        """Publish a message and return its id. Never blocks: a full queue (no broker) drops the message."""
        self._seq += 1
        id = id or f"{self.sender}-{self._seq}"  # noqa: A001 (as above)
        frames = encode(message, str(key), Header(id, cause, self.sender, self._seq, time.time(), until))
        try:
            self._pub.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again:
            self.dropped.count += 1
        return id

    # --- hear ---

    def hear(self, kind: type[Message], handler: Handler, key: str | int = "") -> None:
        """Call `handler` for each message of the kind. `key`: only messages with this key; "": with any."""
        key = str(key)
        self._handlers.setdefault(kind.kind, []).append((key, handler))
        if self.connected:
            self._sub.subscribe(topic(kind.kind, key))
            self._loop.call_soon(self._drain)

    def stop_hearing(self, kind: type[Message], handler: Handler, key: str | int = "") -> None:
        """Take back what `hear` was called with: the handler is not called any more."""
        self._handlers[kind.kind].remove((str(key), handler))
        if self.connected:
            self._sub.unsubscribe(topic(kind.kind, str(key)))

    def hear_everything(self, handler: Callable[[Frames], None]) -> None:
        """Call `handler` with the raw frames of every message, in addition to the other handlers."""
        self._raw_handler = handler

    def pause_between_batches(self, seconds: float, *kinds: type[Message]) -> None:
        """Stop reading for `seconds` after each batch that holds only messages of these kinds (none given: any kinds).

        For a process that need not react to them at once: it wakes less often. Other messages that come during the
        pause wait for its end.
        """
        self._pause_seconds = seconds
        self._pause_after = tuple(topic(kind.kind) for kind in kinds) or (b"",)

    def _drain(self) -> None:
        """Handle the messages that wait in the socket."""
        if self._sub.closed:
            return
        handled = urgent = 0
        for _ in range(DRAIN_AT_ONCE):
            try:
                frames = self._sub.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            handled += 1
            urgent += not frames[0].startswith(self._pause_after)
            self._receive(frames)
        else:
            self._loop.call_soon(self._drain)
        if self.on_drained:
            self.on_drained()
        if handled and not urgent:
            self._pause()

    def _pause(self) -> None:
        if self._loop.remove_reader(self._sub.FD):  # False: paused already
            self._loop.call_later(self._pause_seconds, self._resume)

    def _resume(self) -> None:
        if not self._sub.closed:
            self._loop.add_reader(self._sub.FD, self._drain)
            self._drain()

    def _receive(self, frames: Frames) -> None:
        """Decode one message and pass it to its handlers, and to the order that it answers."""
        try:
            if self._raw_handler:
                self._raw_handler(frames)
            kind, key = split_topic(frames[0])
            handlers = [handler for wanted, handler in self._handlers.get(kind, ()) if wanted in ("", key)]
            may_be_answer = key == self.sender or self._pending
            if not handlers and not may_be_answer:
                return
            envelope = self._decode(kind, key, frames)
        except BadMessage as error:
            if self.dropped.add(error):
                self._on_error(f"a bad message was dropped ({self.dropped.count} so far): {error}", error)
            return
        except Exception as error:  # raised by the raw handler: reading must go on
            self._on_error(f"could not read {frames[0][:80]!r}: {error}", error)
            return
        if envelope.header.until and time.time() > envelope.header.until:
            if is_order_to(self.name, kind):
                self._refuse(refusal_of_late(envelope, self.dropped.count))
            return  # its asker was told already, or is told now
        if pending := self._pending.get(envelope.header.cause):
            self._resolve(pending, envelope)
        for handler in handlers:
            self.handle(handler, envelope)

    def _decode(self, kind: str, key: str, frames: Frames) -> Envelope:
        """Return the message, or raise `BadMessage`. A bad order that we should carry out is refused."""
        try:
            envelope = decode_as(kind, key, frames)
        except BadMessage as error:
            if is_order_to(self.name, kind):
                self._refuse(refusal_of_bad(kind, frames, error, self.dropped.count + 1))
            raise
        if not envelope.message.may_be_from(envelope.header.sender):
            raise BadMessage("wrong sender", f"{kind}/{key} by {envelope.header.sender!r:.80} is not believed")
        return envelope

    def _refuse(self, refusal: Refusal) -> None:
        self.say(refusal.message, refusal.key, cause=refusal.cause)

    def handle(self, handler: Handler, envelope: Envelope) -> None:
        """Call a handler with a message. An error in it is reported, and stops nothing."""
        try:
            result = handler(envelope)
        except Exception as error:
            self._report(envelope, error)
        else:
            if result is not None and inspect.iscoroutine(result):
                task = self._loop.create_task(self._finish(result, envelope))
                self._tasks.add(task)  # without a reference the task could be garbage-collected before it ends
                task.add_done_callback(self._tasks.discard)

    async def _finish(self, work: Awaitable[None], envelope: Envelope) -> None:
        try:
            await work
        except Exception as error:
            self._report(envelope, error)

    def _report(self, envelope: Envelope, error: Exception) -> None:
        what = f"{envelope.message.kind}/{envelope.key}"
        self._on_error(f"could not handle {what} ({envelope.header.id}): {error}", error)

    # --- ask ---

    async def ask(
        self,
        order: Message,
        key: str | int = "",
        *,
        cause: str = "",
        id: str = "",  # noqa: A002 (the name in the header)
        seconds: float = ANSWER_SECONDS,
    ) -> Envelope:
        """Send an order and repeat it, with the same id, until its answer comes. Raises `NoAnswer` after `seconds`.

        Raises `Refused` when the receiver cannot read the order.
        An order with the same id takes effect once, even when another process or a later run sends it again.
        """
        if already := self._pending.get(id):
            return await asyncio.shield(already.answer)
        id = id or f"{self.sender}-{self._seq + 1}"  # noqa: A001 (as above)
        pending = _PendingOrder(order, str(key), cause, id, time.time() + seconds, self._loop.create_future())
        self._pending[id] = pending
        deadline = self._loop.call_later(seconds, self._time_out, pending, seconds)
        try:
            self._send(pending)
            return await pending.answer
        finally:
            deadline.cancel()
            if pending.repeat:
                pending.repeat.cancel()
            if self._pending.get(id) is pending:
                del self._pending[id]

    def _send(self, pending: _PendingOrder) -> None:
        self.say(pending.order, pending.key, cause=pending.cause, id=pending.id, until=pending.until)
        seconds = pending.pause * random.uniform(0.8, 1.2)  # noqa: S311 (no secret)
        pending.repeat = self._loop.call_later(seconds, self._send, pending)
        pending.pause = min(pending.pause * 2, LONGEST_REPEAT_SECONDS)

    def _resolve(self, pending: _PendingOrder, envelope: Envelope) -> None:
        """Pass an answer on. That an order expired is about an earlier message of it: ours has not expired yet."""
        message = envelope.message
        if pending.answer.done() or _code_of(message) == EXPIRED:
            return
        if message.kind in pending.order.answers:
            pending.answer.set_result(envelope)
        elif isinstance(message, BusRefused):
            pending.answer.set_exception(Refused(message.code, message.reason))

    def _time_out(self, pending: _PendingOrder, seconds: float) -> None:
        if not pending.answer.done():
            order = pending.order
            pending.answer.set_exception(NoAnswer(order.kind, pending.key, order.receiver, pending.id, seconds))

    def repeat_orders(self) -> None:
        """Send all unanswered orders again now. Call it when another process or the broker is back."""
        for pending in list(self._pending.values()):
            if pending.repeat:
                pending.repeat.cancel()
            pending.pause = FIRST_REPEAT_SECONDS
            self._send(pending)

    # --- reconnection ---

    def _heard_welcome(self, heard: Envelope) -> None:
        """Handle the broker's welcome: the first one belongs to the start, each later one to a new connection."""
        message: BusWelcomed = heard.message
        again, self._broker = bool(self._broker), message.broker
        if again:
            task = self._loop.create_task(self._reconnected())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _reconnected(self) -> None:
        await self.greet()
        self.repeat_orders()
        if self.on_reconnected:
            self.on_reconnected()


def _code_of(message: Message) -> str:
    """Return the code with which an order is refused, "" for other messages."""
    if isinstance(message, StoreAnswer):
        return str(message.error.get("code", ""))
    return message.code if isinstance(message, BusRefused) else ""


def new_id() -> str:
    """Return a unique id, for an order that may be sent again by a later run."""
    return os.urandom(8).hex()
