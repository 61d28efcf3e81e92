"""End what a process of ours has started and left, on Linux: also what has a session of its own, or outlived us.

What is started is marked by a variable of its environment. What that starts in turn has the variable, too.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PROCESSES = Path("/proc")
MOST_ROUNDS = 20
PAUSE_SECONDS = 0.02
"""Between two rounds: what was being started meanwhile is found in the next one."""


def end_left(variable: str, path: Path) -> None:
    """End all processes in whose environment a variable is this path, or one below it."""
    for _ in range(MOST_ROUNDS):
        left = [process for process in others() if is_marked(process, variable, path)]
        if not left:
            return
        for process in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        time.sleep(PAUSE_SECONDS)


def others() -> list[int]:
    """Return the ids of all processes but this one; none on a system that does not list them in `/proc`."""
    if not PROCESSES.exists():
        return []
    found = (int(entry.name) for entry in PROCESSES.iterdir() if entry.name.isdecimal())
    return [process for process in found if process != os.getpid()]


def is_marked(process: int, variable: str, path: Path) -> bool:
    """Return whether a variable of a process is this path, or one below it. Of one that has ended it is not."""
    try:
        variables = (PROCESSES / str(process) / "environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is another user's
        return False
    mark = os.fsencode(f"{variable}={path}")
    return any(one == mark or one.startswith(mark + b"/") for one in variables)
