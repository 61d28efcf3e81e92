"""What a job's process may use, set by the process itself before it loads the app."""

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress

NICE = 10
"""Work of the page and of the model comes first."""
MOST_OPEN_FILES = 512
SET_PARENT_DEATH_SIGNAL = 1
"""`PR_SET_PDEATHSIG` of prctl(2)."""


def limit(memory_mb: int) -> None:
    """Limit memory (of the address space) and open files; write no core dumps; be polite to other processes."""
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_NOFILE, MOST_OPEN_FILES)
    _set(resource.RLIMIT_AS, memory_mb * 1024 * 1024)
    with suppress(OSError):
        os.nice(NICE)


def _set(name: int, most: int) -> None:
    """Lower a limit. A system that does not know it (macOS: memory) goes without."""
    with suppress(OSError, ValueError):
        _, hard = resource.getrlimit(name)
        lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(name, (lower, lower))


def end_with(parent: int) -> None:
    """On Linux: let the system end this process at once when its parent ends, even if the function blocks."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
