"""Space requests in time, so that a site is not burdened."""

import time


class Rate:
    """Allows a request every `interval` seconds. One that was late is not made up for."""

    def __init__(self, interval: float) -> None:
        """The first request may begin at once."""
        self.interval = interval
        self._next = 0.0

    def pause(self) -> float:
        """Return the seconds until the next request may begin; 0 or less: now."""
        return self._next - time.monotonic()

    def begin(self) -> None:
        """Note that a request begins."""
        self._next = max(self._next, time.monotonic()) + self.interval

    def hold(self, seconds: float) -> None:
        """Begin nothing for so long: the server has asked for it."""
        self._next = max(self._next, time.monotonic() + seconds)
