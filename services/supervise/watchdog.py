"""The watchdog: finds processes that hang, by their beats on the bus. It kills nothing itself (see launcher.py).

supervisord notices when a process dies, but not when it hangs. A process hangs when its beats stop. Two checks come
first: does the bus work (our own greeting comes back, an echo), and were we running ourselves (ticks come in time)?
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

BROKER = "broker"

SILENT_SECONDS = 10.0
"""A process that was ready and has not beaten for this long is stuck."""
START_SECONDS = 20.0
"""A process that is not ready this long after its start is stuck."""
STORE_START_SECONDS = 600.0
"""The store may have to copy and migrate a large database first. If it were killed then, it would never finish."""
NO_ECHO_SECONDS = 3.0
"""Without an echo for this long the bus does not work: then missing beats mean nothing, except for the broker."""
LATE_SECONDS = 5.0
"""A tick that is this late means that we were suspended ourselves, and probably all other processes too."""


@dataclass(slots=True)
class Watched:
    """A process. `since`: when its silence began (monotonic seconds)."""

    since: float
    ready: bool = False


class Watchdog:
    """Receives beats, echoes and ticks. Returns at each tick which processes are stuck."""

    def __init__(self, processes: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        """`processes`: names; all count as started now. `clock`: returns monotonic seconds."""
        self._clock = clock
        self._watched = {name: Watched(clock()) for name in processes}
        self._ticked = self._echoed = clock()

    @property
    def missing(self) -> list[str]:
        """Processes that are not ready."""
        return [name for name, watched in self._watched.items() if not watched.ready]

    def beat(self, process: str) -> None:
        """Note that a process said it is ready."""
        if process in self._watched:
            self._watched[process] = Watched(self._clock(), ready=True)

    def reset(self, process: str) -> None:
        """Note that a process is stopping or was killed: it gets its full time to start again."""
        if process in self._watched:
            self._watched[process] = Watched(self._clock())

    def echo(self) -> None:
        """Note that our own greeting came back: the broker works. After a gap all get their full time again."""
        now = self._clock()
        if now - self._echoed > NO_ECHO_SECONDS:
            self._reset_all(now)
        self._echoed = now
        self.beat(BROKER)

    def allowed_seconds(self, process: str) -> float:
        """Return how long the process may be silent in its current state."""
        if self._watched[process].ready:
            return SILENT_SECONDS
        return STORE_START_SECONDS if process == "store" else START_SECONDS

    def tick(self) -> list[str]:
        """Return the processes that are stuck. Call it every second or two."""
        now, late = self._clock(), self._clock() - self._ticked > LATE_SECONDS
        self._ticked = now
        if late:
            self._reset_all(now)
            self._echoed = now
        if now - self._echoed > NO_ECHO_SECONDS:
            return [BROKER] if self._is_stuck(BROKER, now) else []
        return [name for name in self._watched if self._is_stuck(name, now)]

    def _is_stuck(self, process: str, now: float) -> bool:
        return now - self._watched[process].since > self.allowed_seconds(process)

    def _reset_all(self, now: float) -> None:
        for watched in self._watched.values():
            watched.since = now
