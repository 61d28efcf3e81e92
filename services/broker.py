"""The broker: hears every message and passes it on; looks into none. Says bus.welcomed, overflowed, refused, counted.

A small loop of its own over XSUB and XPUB instead of `zmq.proxy`: it subscribes to everything at once (this closes a
race at the start), drops messages only for the one slow subscriber and says so, refuses frames of a wrong form,
welcomes subscribers, and stops on SIGTERM even under load. Reasons and figures: docs/decisions/broker.md.
"""

import os
import resource
import signal
import sys
import time
from contextlib import suppress
from math import ceil
from pathlib import Path
from types import FrameType

import zmq

from bus.code.version import Updated, check_version, version
from bus.errors import EXIT_REFUSED, BadMessage, PianolaError
from bus.messages import BusCounted, BusOverflowed, BusRefused, BusWelcomed, Message, ServiceChanged
from bus.processes.parent import parent
from bus.role import lock_role, problem_file, seconds_to_beat
from bus.settings import Settings, load
from bus.wire import MAX_FRAME_BYTES, MAX_TOPIC_BYTES, Frames, Header, encode, topic

NAME = "broker"
FORWARD_AT_ONCE = 200
"""Most messages passed on before the loop looks at subscriptions, signals and beats again."""
REPORT_SECONDS = 1.0
"""Shortest time between two reports of refused or dropped messages."""
HANDSHAKE_MILLISECONDS = 2000
"""A connection that has not finished the ZMTP handshake by then is closed: until then it occupies a descriptor."""

WELCOME = b"\x01" + topic(BusWelcomed.kind)


class Broker:
    """The two sockets, the loop that forwards, and the counters."""

    def __init__(self, settings: Settings) -> None:
        """Bind both endpoints."""
        self.run = os.urandom(4).hex()
        self.forwarded = self.refused = self.episodes = 0
        self._seq = 0
        self._stopping = False
        self._version = version()
        self._reported = {"refused": 0, "episodes": 0}
        self._reason = ""
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_writer, False)
        self._context = zmq.Context()
        self._bound: dict[zmq.Socket[bytes], str] = {}
        self._inward = self._bind(zmq.XSUB, settings.publish_endpoint)
        self._outward = self._bind(zmq.XPUB, settings.subscribe_endpoint)
        self._outward.xpub_nodrop = True  # a full queue then raises an error: see `_send`
        self._outward.xpub_verbose = True
        self._inward.send(b"\x01")  # subscribe to everything now, so that no early message is lost

    def _bind(self, kind: int, endpoint: str) -> zmq.Socket[bytes]:
        socket: zmq.Socket[bytes] = self._context.socket(kind)
        socket.linger = 200
        socket.maxmsgsize = MAX_FRAME_BYTES
        socket.handshake_ivl = HANDSHAKE_MILLISECONDS
        socket.bind(endpoint)
        if endpoint.startswith("ipc://"):
            self._bound[socket] = endpoint
        return socket

    def _bind_again(self) -> None:
        """Bind an endpoint again whose file somebody has removed. Who is connected stays connected meanwhile."""
        for socket, endpoint in self._bound.items():
            file = Path(endpoint.removeprefix("ipc://"))
            if file.exists():
                continue
            with suppress(zmq.ZMQError, OSError):  # tried again at the next beat
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with suppress(zmq.ZMQError):
                    socket.unbind(endpoint)
                socket.bind(endpoint)

    def serve(self) -> None:
        """Forward until told to stop, or until the parent process is gone."""
        poller, started_by = zmq.Poller(), parent()
        poller.register(self._wake_reader, zmq.POLLIN)
        poller.register(self._inward, zmq.POLLIN)
        poller.register(self._outward, zmq.POLLIN)
        self._announce("ready")
        beat, report = time.monotonic() + seconds_to_beat(), 0.0
        while not self._stopping:
            busy = dict(poller.poll(max(0, ceil(1000 * (beat - time.monotonic())))))
            if self._outward in busy:
                self._welcome()
            if self._inward in busy:
                self._forward()
            if (now := time.monotonic()) >= report:
                report = now + REPORT_SECONDS
                self._report()
            if now >= beat:
                beat = now + seconds_to_beat()
                self._bind_again()
                self._announce("ready")
                self._say_counters()
                self._stopping = self._stopping or os.getppid() != started_by
        self._forward()
        self._announce("stopping")

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Leave the loop now. The byte in the pipe wakes it: libzmq keeps waiting after a signal."""
        self._stopping = True
        os.write(self._wake_writer, b"x")

    def close(self) -> None:
        """Close the sockets; the last messages are still sent."""
        self._inward.close()
        self._outward.close()
        self._context.term()

    def _forward(self) -> None:
        for _ in range(FORWARD_AT_ONCE):
            try:
                frames = self._inward.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            if reason := form_problem(frames):
                self.refused += 1
                self._reason = reason
            else:
                self.forwarded += 1
                self._send(frames)

    def _send(self, frames: Frames) -> None:
        """Send to all subscribers. If the queue of one is full, drop the message for this one only, and count it."""
        try:
            self._outward.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again:
            self.episodes += 1
            self._outward.xpub_nodrop = False
            try:
                self._outward.send_multipart(frames, zmq.NOBLOCK)
            finally:
                self._outward.xpub_nodrop = True

    def _welcome(self) -> None:
        """Answer subscriptions to `bus.welcomed`. libzmq handles all other subscriptions by itself."""
        while True:
            try:
                subscription = self._outward.recv_multipart(zmq.NOBLOCK)[0]
            except zmq.Again:
                return
            if subscription.startswith(WELCOME) and len(subscription) <= MAX_TOPIC_BYTES:
                key = subscription[len(WELCOME) :].decode(errors="replace")
                self._say(BusWelcomed(broker=self.run), key)
                self._announce("ready")  # a new subscriber need not wait for our next beat

    def _say_counters(self) -> None:
        self._say(BusCounted(run=self.run, forwarded=self.forwarded, refused=self.refused, episodes=self.episodes))

    def _report(self) -> None:
        if self.refused > self._reported["refused"]:
            self._say(BusRefused(reason=self._reason, refused=self.refused))
        if self.episodes > self._reported["episodes"]:
            self._say(BusOverflowed(episodes=self.episodes))
        self._reported = {"refused": self.refused, "episodes": self.episodes}

    def _announce(self, state: str) -> None:
        body = {"process": NAME, "state": state, "run": self.run, "pid": os.getpid(), "version": self._version}
        self._say(ServiceChanged.from_body(body), NAME)

    def _say(self, message: Message, key: str = "") -> None:
        self._seq += 1
        sender = f"{NAME}-{self.run}"
        header = Header(f"{sender}-{self._seq}", "", sender, self._seq, time.time())
        try:
            self._send(encode(message, key, header))
        except BadMessage as error:
            self._reason = str(error)


def form_problem(frames: Frames) -> str:
    """Return what is wrong with the form of the frames, or "". Their contents are not read."""
    if len(frames) != 3:
        return f"{len(frames)} frames instead of topic, header, body"
    if len(frames[0]) > MAX_TOPIC_BYTES:
        return f"a topic of {len(frames[0])} bytes, at most {MAX_TOPIC_BYTES}"
    if b"/" not in frames[0]:
        return f"the topic {frames[0][:40]!r} is not `kind/key`"
    return ""


def allow_many_connections() -> None:
    """Raise the limit of open descriptors as far as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536) if hard > 0 else 65536, hard))


def main() -> int:
    """Read the settings, take the lock, serve until SIGTERM."""
    os.umask(0o077)
    try:
        settings = load()
        _check_version(settings)
        with lock_role(NAME, settings.run):
            allow_many_connections()
            broker = Broker(settings)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, broker.stop)
            broker.serve()
            broker.close()
    except PianolaError as problem:
        sys.stderr.write(f"{NAME}: {problem}\n")
        return EXIT_REFUSED
    return 0


def _check_version(settings: Settings) -> None:
    """Raise `Updated` as other processes do; without a bus only the file of the problem tells others."""
    try:
        check_version()
    except Updated as problem:
        with suppress(OSError):
            problem_file(settings, NAME).write_text(f"{problem}\n")
        raise


if __name__ == "__main__":
    sys.exit(main())
