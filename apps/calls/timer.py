"""The limit of time of a call: a timer whose signal raises an exception in the code that is running.

The signal's handler runs in the main thread, where processes call their apps. So it cannot come while the process does
something else, and it also wakes what sleeps or waits for a socket. See docs/decisions/apps.md.
"""

import signal
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

AGAIN_SECONDS = 0.5
"""Code that caught the exception and went on is interrupted again after each such time."""

Result = TypeVar("Result")


class TookTooLong(BaseException):
    """A call took longer than its limit. No `Exception`: the code that is called should not catch it by chance."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it took longer than {seconds:g} s and was interrupted")
        self.seconds = seconds


class Timer:
    """Ends calls that take too long. There is one in a process, and it belongs to the main thread."""

    def __init__(self) -> None:
        """Take over the signal SIGALRM."""
        self._seconds = 0.0
        """Limit of the call that is running; 0 if there is none."""
        self._late = False
        signal.signal(signal.SIGALRM, self._ring)

    def run(self, seconds: float, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, or raise what it raises; `TookTooLong` if it took longer in any case."""
        if self._seconds:  # a call within a call: the outer limit counts
            return work()
        self._seconds, self._late = seconds, False
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
        try:
            result = work()
        except TookTooLong:
            raise
        except BaseException as error:
            if self._late:
                raise TookTooLong(seconds).with_traceback(error.__traceback__) from None
            raise
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._seconds = 0.0
        if self._late:
            raise TookTooLong(seconds)
        return result

    def _ring(self, _number: int, frame: FrameType | None) -> None:
        """Interrupt what is running, but never `run` itself: it could not clean up."""
        if not self._seconds:
            return
        self._late = True
        if frame is None or frame.f_code is not Timer.run.__code__:
            raise TookTooLong(self._seconds)
