"""The watchdog: judges by the beats on the bus which process is stuck. It kills nothing itself (see launcher.py).

supervisord sees that a process died, not that it hangs. A beat that stays away shows it, provided that the bus itself
carries beats (our own echo), and that we were awake to hear them (our own tick).
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

BROKER = "broker"

SILENT_SECONDS = 10.0
"""A process that was ready and beats no more for so long is stuck."""
START_SECONDS = 20.0
"""A process that is not ready so long after its start is stuck."""
STORE_START_SECONDS = 600.0
"""The store may have to copy and migrate a large database before it is ready; killed in that, it would never finish."""
DEAF_SECONDS = 3.0
"""Without our own echo for so long we judge nobody: what we do not hear says nothing."""
LATE_SECONDS = 5.0
"""A tick that comes so late shows that we were suspended ourselves, and all others probably, too."""


@dataclass(slots=True)
class Watched:
    """A process. `since`: the moment from which its silence counts (monotonic seconds)."""

    since: float
    ready: bool = False


class Watchdog:
    """Told of beats, echoes and ticks; tells at each tick who is stuck."""

    def __init__(self, processes: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        """`processes`: their names; all count as started now. `clock`: monotonic seconds."""
        self._clock = clock
        self._watched = {name: Watched(clock()) for name in processes}
        self._ticked = self._echoed = clock()

    @property
    def missing(self) -> list[str]:
        """Processes that are not ready."""
        return [name for name, watched in self._watched.items() if not watched.ready]

    def beat(self, process: str) -> None:
        """A process said that it is ready."""
        if process in self._watched:
            self._watched[process] = Watched(self._clock(), ready=True)

    def left(self, process: str) -> None:
        """A process said that it is stopping, or was killed: it gets time anew."""
        if process in self._watched:
            self._watched[process] = Watched(self._clock())

    def echo(self) -> None:
        """Our own greeting came back: the broker works. After a silence all others get time anew."""
        now = self._clock()
        if now - self._echoed > DEAF_SECONDS:
            self._forgive(now)
        self._echoed = now
        self.beat(BROKER)

    def allowed_seconds(self, process: str) -> float:
        """How long the process may be silent in its present state."""
        if self._watched[process].ready:
            return SILENT_SECONDS
        return STORE_START_SECONDS if process == "store" else START_SECONDS

    def tick(self) -> list[str]:
        """Return the processes that are stuck; call it every second or two."""
        now, late = self._clock(), self._clock() - self._ticked > LATE_SECONDS
        self._ticked = now
        if late:
            self._forgive(now)
            self._echoed = now
        if now - self._echoed > DEAF_SECONDS:
            return [BROKER] if self._is_stuck(BROKER, now) else []
        return [name for name in self._watched if self._is_stuck(name, now)]

    def _is_stuck(self, process: str, now: float) -> bool:
        return now - self._watched[process].since > self.allowed_seconds(process)

    def _forgive(self, now: float) -> None:
        for watched in self._watched.values():
            watched.since = now
