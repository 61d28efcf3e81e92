"""Join the bus of Pianola: hear what happens, say something, give orders and wait for their answers.

One file, to be copied; it needs pyzmq and msgpack, and nothing of Pianola. docs/attach.md is the contract behind it.

    from pianola_bus import Bus

    with Bus("my-program") as bus:
        print(bus.ask("store.order", {"verb": "list", "table": "todo"}, key="todo")["rows"])
        for heard in bus.hear("store.changed/todo"):
            print(heard.body["verb"], heard.body["row"])

A `Bus` belongs to one thread.
"""

import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
import zmq

VERSION = 1
"""Of the bus: this file speaks no other."""
ANSWERS = {
    "store.order": ("store.answer/{sender}",),
    "store.back_up": ("store.backed_up/{sender}",),
    "llm.recall": ("llm.recalled/{sender}",),
    "llm.cancel": ("llm.recalled/{sender}",),
    "llm.pull": ("llm.pulled/",),
    "llm.unload": ("llm.unloaded/",),
    "job.run": ("job.answered/",),
    "job.cancel": ("job.answered/",),
    "mcp.call": ("mcp.answered/",),
}
"""The topics on which each kind of order is answered."""
COUNTERS = {"llm.token": ("generation", "index"), "store.changed": ("", "revision")}
"""What shows that messages of a kind were lost: a number that counts for each value of a field."""
FIRST_REPEAT_SECONDS = 0.25
LONGEST_REPEAT_SECONDS = 2.0
LARGEST_FRAME_BYTES = 1024 * 1024


class PianolaError(Exception):
    """What was asked for did not happen; the text is a sentence. `code`: that of the answer, "" if none came."""

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Heard:
    """A message. `missed`: how many of the same kind were lost just before it, as far as they are counted."""

    kind: str
    key: str
    header: dict[str, Any]
    body: dict[str, Any]
    missed: int = 0


class Bus:
    """A connection to the bus."""

    def __init__(self, name: str, home: str = "") -> None:
        """`name`: what this program is called. `home`: the data folder; "": that of PIANOLA_HOME, or the usual one."""
        self.sender = f"{name}-{os.urandom(4).hex()}"
        self._home = Path(home or os.environ.get("PIANOLA_HOME") or usual_home())
        self._context = zmq.Context()
        self._sub = self._socket(zmq.SUB, "subscribe")
        self._pub = self._socket(zmq.PUB, "publish")
        self._seq = 0
        self._greeted = False
        self._waiting: deque[Heard] = deque()
        self._prefixes: list[str] = []
        self._last: dict[str, int] = {}
        for topic in (f"bus.greeted/{self.sender}", f"bus.refused/{self.sender}", f"bus.welcomed/{self.sender}"):
            self._sub.subscribe(topic)

    def __enter__(self) -> "Bus":
        """Return the bus itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the bus."""
        self.close()

    def close(self) -> None:
        """Leave the bus; what was said just before is still sent."""
        self._context.destroy(linger=500)

    def hear(self, *prefixes: str, seconds: float = 0.0) -> Iterator[Heard]:
        """Yield messages whose topic begins with one of the prefixes ("" for all).

        Ends after `seconds` without a message; 0: never. Subscribe first, then ask for what is there already.
        """
        for prefix in prefixes or ("",):
            self._prefixes.append(prefix)
            self._sub.subscribe(prefix)
        self.greet()
        return self._hear(seconds)

    def say(self, kind: str, body: dict[str, Any], key: str = "", *, cause: str = "", id: str = "") -> str:  # noqa: A002
        """Publish a message; return its id."""
        self.greet()
        return self._say(kind, body, key, cause=cause, id=id)

    def ask(
        self,
        kind: str,
        body: dict[str, Any],
        key: str = "",
        *,
        seconds: float = 10.0,
        id: str = "",  # noqa: A002
    ) -> dict[str, Any]:
        """Give an order, and repeat it until its answer comes; return the body of the answer.

        It takes effect once: also when a later run gives the same order again, with the same `id`. Raises
        `PianolaError` when it is refused, or when no answer comes in time; it is not carried out any more then.
        """
        for topic in ANSWERS[kind]:
            self._sub.subscribe(topic.format(sender=self.sender))
        self.greet()
        until, pause = time.time() + seconds, FIRST_REPEAT_SECONDS
        id = id or f"{self.sender}-{self._seq + 1}"  # noqa: A001
        while (left := until - time.time()) > 0:
            self._say(kind, body, key, id=id, until=until)
            if answer := self._answer_to(id, kind, min(pause, left)):
                return answer
            pause = min(pause * 2, LONGEST_REPEAT_SECONDS)
        raise PianolaError(f"no answer to {kind}/{key} within {seconds:.0f} s. `pianola status` shows what is wrong.")

    def greet(self, seconds: float = 5.0) -> None:
        """Wait until our own greeting comes back: from then on messages go through in both directions."""
        until, pause = time.time() + seconds, 0.01
        while not self._greeted:
            if time.time() > until:
                where = self._home / "run"
                raise PianolaError(
                    f"nobody answers at {where} within {seconds:.0f} s. Is Pianola running? (pianola status)"
                )
            self._say("bus.greeted", {}, self.sender)
            self._receive(pause)
            pause = min(pause * 1.5, 0.1)

    # --- inside ---

    def _socket(self, kind: int, name: str) -> "zmq.Socket[bytes]":
        socket = self._context.socket(kind)
        socket.reconnect_ivl, socket.reconnect_ivl_max = 10, 100
        socket.heartbeat_ivl, socket.heartbeat_timeout = 2000, 4000
        socket.connect(f"ipc://{self._home}/run/{name}")
        return socket

    def _say(
        self,
        kind: str,
        body: dict[str, Any],
        key: str,
        *,
        cause: str = "",
        id: str = "",  # noqa: A002
        until: float = 0.0,
    ) -> str:
        self._seq += 1
        id = id or f"{self.sender}-{self._seq}"  # noqa: A001
        header = {"v": VERSION, "id": id, "cause": cause, "sender": self.sender, "seq": self._seq}
        header |= {"sent": time.time(), "until": until}
        packed = msgpack.packb(body)
        if len(packed) > LARGEST_FRAME_BYTES:
            raise PianolaError(
                f"{kind}/{key} has {len(packed):,} bytes, at most {LARGEST_FRAME_BYTES:,} pass. Divide it."
            )
        self._pub.send_multipart([f"{kind}/{key}".encode(), msgpack.packb(header), packed])
        return id

    def _hear(self, seconds: float) -> Iterator[Heard]:
        while True:
            until = time.time() + seconds
            while not self._waiting and (not seconds or time.time() < until):
                self._receive(until - time.time() if seconds else 60.0)
            if not self._waiting:
                return
            yield self._waiting.popleft()

    def _answer_to(self, id: str, kind: str, seconds: float) -> dict[str, Any] | None:  # noqa: A002
        """Wait for the answer to an order; keep all else that comes for `hear`."""
        until = time.time() + seconds
        while (left := until - time.time()) > 0:
            heard = self._receive(left)
            if heard is None or heard.header.get("cause") != id:
                continue
            if heard.kind == "bus.refused" and heard.body.get("code") != "expired":
                raise PianolaError(str(heard.body.get("reason")), str(heard.body.get("code")))
            if f"{heard.kind}/" in [topic.partition("/")[0] + "/" for topic in ANSWERS[kind]]:
                error = heard.body.get("error") or {}
                if error.get("code") == "expired":
                    continue  # an earlier repeat of it; ours has not expired
                if error:
                    raise PianolaError(str(error.get("message")), str(error.get("code")))
                return heard.body
        return None

    def _receive(self, seconds: float) -> Heard | None:
        """Take one message, None if none comes in time. Those that `hear` asked for wait for it."""
        if not self._sub.poll(max(seconds, 0.0) * 1000):
            return None
        frames = self._sub.recv_multipart()
        try:
            topic = frames[0].decode()
            kind, _, key = topic.partition("/")
            header, body = (msgpack.unpackb(frame) for frame in frames[1:3])
            heard = Heard(kind, key, header, body, self._missed(kind, body))
        except (ValueError, IndexError, TypeError, AttributeError):
            return None  # it is no message of the bus
        if key == self.sender and kind == "bus.greeted":
            self._greeted = True
        if key == self.sender and kind == "bus.welcomed" and self._greeted:
            self._greeted = False  # another broker: greet again before the next order
        if any(topic.startswith(prefix) for prefix in self._prefixes):
            self._waiting.append(heard)
        return heard

    def _missed(self, kind: str, body: dict[str, Any]) -> int:
        if kind not in COUNTERS or not any(f"{kind}/".startswith(prefix) for prefix in self._prefixes):
            return 0  # only who hears all of a kind can count
        source, name = COUNTERS[kind]
        counted, number = f"{kind} {body.get(source, '')}", body[name]
        last = self._last.get(counted, number - 1)
        self._last[counted] = max(last, number)
        return max(0, number - last - 1)


def usual_home() -> Path:
    """Return the data folder when PIANOLA_HOME is not set."""
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/pianola"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "pianola"
