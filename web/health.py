"""Who is ready: the beats of all processes, the broker's counters. Tells when the answer changes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bus.messages import BusCounted, ServiceChanged
from bus.wire import Envelope

SILENT_SECONDS = 5.0
"""A process whose beat (every 2 s) has not come for so long counts as missing."""
BUS_SILENT_SECONDS = 3.0
"""When nobody's beat has come for so long, the bus itself is missing."""

BUS = "bus"
BROKER = "broker"


@dataclass(slots=True)
class Peer:
    """What is known of one process. `restarts`: how often it began anew while we listened."""

    process: str
    state: str = "missing"
    pid: int = 0
    run: str = ""
    restarts: int = 0
    dropped: int = 0

    def heard(self, message: ServiceChanged) -> None:
        """Take over what the process says of itself."""
        if self.run and self.run != message.run:
            self.restarts += 1
        self.state, self.pid, self.run, self.dropped = message.state, message.pid, message.run, message.dropped

    def as_json(self) -> dict[str, Any]:
        """Return the entry of `/healthz`."""
        return {
            "process": self.process,
            "state": self.state,
            "pid": self.pid,
            "run": self.run,
            "restarts": self.restarts,
            "dropped": self.dropped,
        }


class Health:
    """Listens to beats; a timer for each process notices silence."""

    def __init__(self, expected: tuple[str, ...]) -> None:
        """`expected`: names of the processes that make a whole."""
        self.expected = expected
        self.peers = {name: Peer(name) for name in expected}
        self.counters: dict[str, Any] = {}
        self.on_change: Callable[[], None] = lambda: None
        """Called when `missing` changed."""
        self._loop = asyncio.get_running_loop()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._bus_silent = True
        self._told: tuple[str, ...] = self.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the expected processes that are not ready; first `bus` when nothing at all is heard."""
        absent = [name for name in self.expected if self.peers[name].state != "ready"]
        if self._bus_silent:
            return (BUS, *absent)
        return tuple(name for name in absent if name != BROKER)  # whoever is heard is heard through the broker

    def heard_beat(self, heard: Envelope) -> None:
        """Take a process's word, and start its timer anew."""
        message: ServiceChanged = heard.message
        self.peers.setdefault(message.process, Peer(message.process)).heard(message)
        self._bus_silent = False
        self._watch(BUS, BUS_SILENT_SECONDS)
        self._watch(message.process, SILENT_SECONDS)
        self._tell()

    def heard_count(self, heard: Envelope) -> None:
        """Keep the broker's counters."""
        message: BusCounted = heard.message
        self.counters = message.body()

    def _watch(self, name: str, seconds: float) -> None:
        if timer := self._timers.get(name):
            timer.cancel()
        self._timers[name] = self._loop.call_later(seconds, self._silent, name)

    def _silent(self, name: str) -> None:
        if name == BUS:
            self._bus_silent = True
        else:
            self.peers[name].state = "missing"
        self._tell()

    def _tell(self) -> None:
        if self.missing != self._told:
            self._told = self.missing
            self.on_change()

    def as_json(self) -> dict[str, Any]:
        """Return what anybody may know."""
        missing = self.missing
        return {"status": "waiting", "missing": list(missing)} if missing else {"status": "ok"}

    def details(self) -> dict[str, Any]:
        """Return what only the user may know."""
        return {"processes": [peer.as_json() for peer in self.peers.values()], "bus": self.counters}
