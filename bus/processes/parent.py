"""Which process started this one. It is watched, so that nothing runs on after the rest has ended."""

import os

VARIABLE = "PIANOLA_PARENT"
"""The process that starts others writes its id here: it may end while they still begin, and then they cannot ask."""


def parent() -> int:
    """Return the id of the process that started this one. Processes that are started from here do not see it."""
    return int(os.environ.pop(VARIABLE, os.getppid()))
