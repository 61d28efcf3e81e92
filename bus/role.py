"""The role of a process: its lock, the rhythm of its beats, and the file that says why it could not start."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from bus.errors import AlreadyRunning
from bus.settings import Settings

PID_CHARACTERS = 20
"""Length of a process id in a lock file, with spaces behind it."""
BEAT_SECONDS = 2.0
"""Time between two beats: each process repeats that it is ready."""


def seconds_to_beat() -> float:
    """Return the time until the next beat, more than 0.

    All processes of the machine beat at the same moments, so that a listener wakes once for all of them.
    """
    return BEAT_SECONDS - time.monotonic() % BEAT_SECONDS


def lock_role(name: str, run_directory: Path) -> IO[str]:
    """Take the lock of a role, or raise `AlreadyRunning`. Closing the file or ending the process releases the lock."""
    path = run_directory / f"{name}.lock"
    file = open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii")  # noqa: SIM115 (stays open while the process lives)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = file.read(PID_CHARACTERS).strip()
        file.close()
        raise AlreadyRunning(name, path, pid) from None
    _write_pid(file)
    return file


def _write_pid(file: IO[str]) -> None:
    """Write our id over the one before it: this needs no room, so a full disk keeps nobody from starting."""
    with suppress(OSError):
        os.pwrite(file.fileno(), f"{os.getpid()}\n".ljust(PID_CHARACTERS).encode(), 0)


def holder_of(name: str, run_directory: Path) -> int:
    """Return the id of the process that holds the lock of a role; 0 if nobody holds it, or its id is not known.

    Nothing is written.
    """
    try:
        file = (run_directory / f"{name}.lock").open(encoding="ascii", errors="replace")
    except OSError:
        return 0
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = file.read(PID_CHARACTERS).strip()
            return int(pid) if pid.isdecimal() else 0
    return 0


def problem_file(settings: Settings, name: str) -> Path:
    """Return the file in which a process that could not start writes the reason."""
    return settings.run / f"{name}.problem"
