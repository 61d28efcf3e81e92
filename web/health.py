"""Which processes are ready, by their beats; and the broker's counters."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bus.code.state import is_outdated
from bus.messages import BusCounted, ServiceChanged
from bus.role import problem_file
from bus.settings import Settings
from bus.wire import Envelope

SILENT_SECONDS = 5.0
"""A process counts as missing when its beat, due every 2 s, has not come for so long."""
BUS_SILENT_SECONDS = 3.0
"""When no beat of any process has come for so long, the bus itself counts as missing."""

LOOK_SECONDS = 20.0
"""Between two looks at the files of our code: one takes about 10 ms."""

BUS = "bus"
BROKER = "broker"


@dataclass(slots=True)
class Peer:
    """What is known of one process. `restarts`: how often it restarted while we listened."""

    process: str
    state: str = "missing"
    pid: int = 0
    run: str = ""
    restarts: int = 0
    dropped: int = 0
    version: str = ""

    def heard(self, message: ServiceChanged) -> None:
        """Take over what the process says about itself."""
        if self.run and self.run != message.run:
            self.restarts += 1
        self.state, self.pid, self.run, self.dropped = message.state, message.pid, message.run, message.dropped
        self.version = message.version

    def as_json(self) -> dict[str, Any]:
        """Return the entry of `/healthz`."""
        return {
            "process": self.process,
            "state": self.state,
            "pid": self.pid,
            "run": self.run,
            "restarts": self.restarts,
            "dropped": self.dropped,
            "version": self.version,
        }


class Health:
    """Receives beats. A timer for each process notices when they stop."""

    def __init__(self, expected: tuple[str, ...], on_change: Callable[[], None]) -> None:
        """`expected`: names of the processes that must be ready. `on_change`: called when `missing` changed."""
        self.expected = expected
        self.peers = {name: Peer(name) for name in expected}
        self.counters: dict[str, Any] = {}
        self.outdated = False
        self._on_change = on_change
        self._loop = asyncio.get_running_loop()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._bus_silent = True
        self._reported: tuple[str, ...] = self.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the expected processes that are not ready; `bus` first, if no beat is heard at all."""
        absent = [name for name in self.expected if self.peers[name].state != "ready"]
        if self._bus_silent:
            return (BUS, *absent)
        return tuple(name for name in absent if name != BROKER)  # beats come through the broker, so it runs

    def heard_beat(self, heard: Envelope) -> None:
        """Note the state of a process, and restart its timer."""
        message: ServiceChanged = heard.message
        self.peers.setdefault(message.process, Peer(message.process)).heard(message)
        self._bus_silent = False
        self._restart_timer(BUS, BUS_SILENT_SECONDS)
        self._restart_timer(message.process, SILENT_SECONDS)
        self._report()

    def heard_count(self, heard: Envelope) -> None:
        """Keep the broker's counters."""
        message: BusCounted = heard.message
        self.counters = message.body()

    async def watch_code(self) -> None:
        """Look again and again whether files of our code were changed or replaced since everything was started."""
        while not self.outdated:
            await asyncio.sleep(LOOK_SECONDS)
            self.outdated = await asyncio.to_thread(is_outdated)
        self._on_change()

    def _restart_timer(self, name: str, seconds: float) -> None:
        if timer := self._timers.get(name):
            timer.cancel()
        self._timers[name] = self._loop.call_later(seconds, self._timed_out, name)

    def _timed_out(self, name: str) -> None:
        if name == BUS:
            self._bus_silent = True
        else:
            self.peers[name].state = "missing"
        self._report()

    def _report(self) -> None:
        if self.missing != self._reported:
            self._reported = self.missing
            self._on_change()

    def as_json(self) -> dict[str, Any]:
        """Return the answer of `/healthz` for everybody."""
        missing = self.missing
        return {"status": "waiting", "missing": list(missing)} if missing else {"status": "ok"}

    def details(self, settings: Settings) -> dict[str, Any]:
        """Return the further fields of `/healthz` for those who have the token."""
        processes = [peer.as_json() | {"problem": problem_of(settings, peer)} for peer in self.peers.values()]
        return {"processes": processes, "bus": self.counters}


def problem_of(settings: Settings, peer: Peer) -> str:
    """Return why a process cannot start or work, "" if it is ready or has given no reason."""
    try:
        return "" if peer.state == "ready" else problem_file(settings, peer.process).read_text().strip()
    except OSError:
        return ""
