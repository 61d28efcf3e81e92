"""What the user and the model did lately, in words. Lost at a restart; only the newest are kept."""

import time
from collections import deque

from services.agent.limits import MAX_RECENT_ACTIONS


class Events:
    """One line for each event, with its time."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self._lines: deque[tuple[float, str]] = deque(maxlen=MAX_RECENT_ACTIONS)

    def append(self, words: str) -> None:
        """Add what has just happened."""
        self._lines.append((max(time.time(), self.newest + 1e-6), words))

    @property
    def newest(self) -> float:
        """When the last event happened (Unix seconds), 0.0 for none. No two events have the same time."""
        return self._lines[-1][0] if self._lines else 0.0

    def since(self, heard: float) -> tuple[str, ...]:
        """Return what happened later than `heard` (Unix seconds), the oldest first."""
        return tuple(words for at, words in self._lines if at > heard)
