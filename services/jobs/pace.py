"""Thin out progress where it is said: a person cannot see more than ten steps a second.

The processes of all jobs speak at the same moments, so that whoever hears them wakes ten times a second, not ten times
for each job.
"""

import threading
import time
from collections.abc import Callable

from apps.tables import Row

PAUSE_SECONDS = 0.1


def next_moment() -> float:
    """Return when progress may be said next: the same moments, by the system's clock, in all processes."""
    return (time.monotonic() // PAUSE_SECONDS + 1) * PAUSE_SECONDS


class Pace:
    """Passes on the first message after a silence at once, then at most one per pause, and the last one always.

    A thread of its own passes the last one on, also while the function blocks.
    """

    def __init__(self, say: Callable[[Row], None]) -> None:
        """`say`: passes a message on; called from two threads, never at the same time."""
        self._say = say
        self._held: Row | None = None
        self._next = 0.0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def say(self, message: Row) -> None:
        """Pass a message on, now or soon, unless a newer one takes its place."""
        with self._lock:
            if self._held is not None:
                self._held = message
            elif time.monotonic() >= self._next:
                self._next = next_moment()
                self._say(message)
            else:
                self._held = message
                self._wake.set()

    def flush(self) -> None:
        """Pass on now what is held back."""
        with self._lock:
            if self._held is not None:
                message, self._held = self._held, None
                self._next = next_moment()
                self._say(message)

    def _run(self) -> None:
        while self._wake.wait():
            self._wake.clear()
            time.sleep(max(0.0, self._next - time.monotonic()))
            self.flush()
