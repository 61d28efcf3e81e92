"""A subscriber in a thread of its own, for tests that cannot run an event loop because a browser has one."""

import threading
from collections.abc import Callable
from typing import Any, Self

import zmq

from bus.messages import Message
from bus.settings import Settings
from bus.wire import Envelope, decode
from tests.support.system import PATIENCE_SECONDS


class Recorder:
    """Hears everything, keeps it in order, and waits for a message."""

    def __init__(self, settings: Settings) -> None:
        self.heard: list[Envelope] = []
        self._news = threading.Condition()
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.linger, self._socket.rcvhwm = 0, 1_000_000
        self._socket.reconnect_ivl, self._socket.reconnect_ivl_max = 10, 50
        self._socket.subscribe(b"")
        self._socket.connect(settings.subscribe_endpoint)
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.wait(lambda _heard: True)
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self._thread.join(5)
        self._socket.close()
        self._context.term()

    def _listen(self) -> None:
        while not self._leaving.is_set():
            if self._socket.poll(50):
                envelope = decode(self._socket.recv_multipart())
                with self._news:
                    self.heard.append(envelope)
                    self._news.notify_all()

    def wait(self, wanted: Callable[[Envelope], Any], seconds: float = PATIENCE_SECONDS) -> Envelope:
        """Return the first message for which `wanted` holds, already heard or still to come."""
        cursor = 0

        def found() -> bool:
            nonlocal cursor
            while cursor < len(self.heard):
                cursor += 1
                if wanted(self.heard[cursor - 1]):
                    return True
            return False

        with self._news:
            assert self._news.wait_for(found, seconds), f"not said within {seconds} s; {len(self.heard)} others were"
        return self.heard[cursor - 1]

    def all(self, kind: type[Message], **fields: Any) -> list[Envelope]:
        """Return the messages of a kind so far whose fields have these values."""
        return [
            heard
            for heard in list(self.heard)
            if isinstance(heard.message, kind)
            and all(getattr(heard.message, name) == value for name, value in fields.items())
        ]

    def by_id(self, message_id: str) -> Envelope:
        """Return the first message with an id: the one that caused others."""
        return next(heard for heard in list(self.heard) if heard.header.id == message_id)
