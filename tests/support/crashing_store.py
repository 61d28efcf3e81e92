"""A store that kills itself at a chosen moment: `python -m tests.support.crashing_store ORDER MOMENT`.

It is the real one but for a SIGKILL when it carries out the order with the id ORDER. MOMENT is a number: right before
that SQL statement (from 0, `begin` being the first); or `committed`: before it tells anybody; or `told`: right after.
"""

import os
import signal
import sqlite3
import sys
from itertools import count
from typing import Any

from bus.wire import Envelope
from store import __main__ as process
from store.writer import Writer

COMMITTED, TOLD = "committed", "told"


def die() -> None:
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)


class CrashingWriter(Writer):
    """A writer that dies at one order."""

    order = moment = ""
    armed = False

    def __init__(self, connection: sqlite3.Connection, *others: Any, **more: Any) -> None:
        super().__init__(connection, *others, **more)
        self._traced = connection

    def take(self, heard: Envelope) -> None:
        if heard.header.id == self.order:
            self.armed = True
            if self.moment not in (COMMITTED, TOLD):
                numbers = count()
                self._traced.set_trace_callback(lambda _: die() if next(numbers) == int(self.moment) else None)
        super().take(heard)

    assert hasattr(Writer, "_say_results"), "the writer has other methods now: nothing would die"

    def _say_results(self, done: list[Any]) -> None:
        if self.armed and self.moment == COMMITTED:
            die()
        super()._say_results(done)
        if self.armed and self.moment == TOLD:
            die()


if __name__ == "__main__":
    CrashingWriter.order, CrashingWriter.moment = sys.argv[1:]
    process.Writer = CrashingWriter  # type: ignore[misc]  # in place of the real one, which it extends
    sys.exit(process.main())
