"""`pianola down`: stop everything that `pianola up` started, and wait until it has stopped."""

import argparse
import os
import signal
import time

from bus.errors import PianolaError
from bus.role import holder_of
from bus.settings import Settings, load
from bus.text.console import print_line
from services.supervise.running import ROLE

LONGEST_SECONDS = 15.0
POLL_SECONDS = 0.05


class StillRunning(PianolaError):
    """`pianola up` was told to stop, and did not."""

    def __init__(self, pid: int) -> None:
        super().__init__(
            f"Pianola (process {pid}) has not stopped within {LONGEST_SECONDS:.0f} s. "
            f"`kill -9 {pid}` stops it. No data is lost."
        )


def run(_arguments: argparse.Namespace) -> int:
    """Tell the launcher to stop, and wait for it."""
    settings = load()
    pid = running_pid(settings)
    if not pid:
        print_line(f"Nothing is running in {settings.home}.")
        return 0
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + LONGEST_SECONDS
    while running_pid(settings) == pid:
        if time.monotonic() > deadline:
            raise StillRunning(pid)
        time.sleep(POLL_SECONDS)
    print_line("Pianola has stopped.")
    return 0


def running_pid(settings: Settings) -> int:
    """Return the process id of `pianola up`, 0 if it is not running."""
    return holder_of(ROLE, settings.run)
