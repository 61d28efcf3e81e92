"""End what jobs have started and left, on Linux: also what has a session of its own, or outlived a job that was killed.

Each job's process is marked by a variable of its environment. What it starts has the variable, too.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

MARK = "JOB_FOLDER"
"""The variable. Its value is the folder of the job."""
PROCESSES = Path("/proc")
MOST_ROUNDS = 20
PAUSE_SECONDS = 0.02
"""Between two rounds: what was being started meanwhile is found in the next one."""


def end_left(folder: Path) -> None:
    """End all processes that were started by the job of this folder, or by the jobs whose folders it holds."""
    for _ in range(MOST_ROUNDS):
        left = [process for process in others() if is_of(process, folder)]
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


def is_of(process: int, folder: Path) -> bool:
    """Return whether a process belongs to the job of this folder, or of one in it. One that has ended does not."""
    try:
        variables = (PROCESSES / str(process) / "environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is another user's
        return False
    mark = os.fsencode(f"{MARK}={folder}")
    return any(one == mark or one.startswith(mark + b"/") for one in variables)
