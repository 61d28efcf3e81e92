"""A limit on an amount within a span of time: comments in a minute, tokens in an hour."""

from collections import deque

MINUTE_SECONDS = 60.0
HOUR_SECONDS = 3600.0


class RateLimit:
    """Allows spending as long as less than `most` was spent within the last `seconds`."""

    def __init__(self, most: int, seconds: float = MINUTE_SECONDS) -> None:
        """`most`: a value below 1 counts as 1."""
        self.most = max(1, most)
        """May be changed at any time."""
        self._seconds = seconds
        self._spent: deque[tuple[float, int]] = deque()
        self._sum = 0

    def wait_seconds(self, now: float) -> float:
        """Return after how many seconds something may be spent again; 0: now. `now`: of a monotonic clock."""
        while self._spent and now - self._spent[0][0] >= self._seconds:
            self._sum -= self._spent.popleft()[1]
        return self._seconds - (now - self._spent[0][0]) if self._sum >= self.most else 0.0

    def spend(self, now: float, amount: int = 1) -> None:
        """Count an amount as spent."""
        self._spent.append((now, amount))
        self._sum += amount
