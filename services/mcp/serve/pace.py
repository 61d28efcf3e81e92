"""How many rows each program has changed lately: many rows one by one are as many as at once."""

import time
from collections import deque
from collections.abc import Callable

SPAN_SECONDS = 60.0
MOST_IN_SPAN = 30
"""Rows that a program changes in that time before the user is asked."""
MOST_PROGRAMS = 200


class Pace:
    """The moments at which rows were changed, by the name of the program."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: returns seconds."""
        self._clock = clock
        self._moments: dict[str, deque[float]] = {}

    def allows(self, program: str, rows: int) -> bool:
        """Return whether a program may change so many rows now without asking."""
        return self._lately(program) + rows <= MOST_IN_SPAN

    def note(self, program: str, rows: int) -> None:
        """Note that rows were changed."""
        moments = self._moments.setdefault(program, deque())
        moments.extend([self._clock()] * rows)
        while len(self._moments) > MOST_PROGRAMS:
            del self._moments[next(iter(self._moments))]

    def _lately(self, program: str) -> int:
        moments = self._moments.get(program, deque())
        while moments and moments[0] < self._clock() - SPAN_SECONDS:
            moments.popleft()
        return len(moments)
