"""`pianola down`: end what `pianola up` started, and wait until it has ended."""

import argparse
import os
import signal
import time

from bus.errors import AlreadyRunning, PianolaError
from bus.role import lock_role
from bus.settings import Settings, load
from services.cli.commands.up import ROLE
from services.supervise.console import print_line

LONGEST_SECONDS = 15.0
LOOK_SECONDS = 0.05


class StillRunning(PianolaError):
    """It was told to end, and did not."""

    def __init__(self, pid: int) -> None:
        super().__init__(
            f"Pianola (process {pid}) has not ended within {LONGEST_SECONDS:.0f} s. "
            f"`kill -9 {pid}` ends it; no data is lost."
        )


def run(_arguments: argparse.Namespace) -> int:
    """Tell the launcher to end, and wait for it."""
    settings = load()
    pid = running(settings)
    if not pid:
        print_line(f"Nothing is running in {settings.home}.")
        return 0
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + LONGEST_SECONDS
    while running(settings) == pid:
        if time.monotonic() > deadline:
            raise StillRunning(pid)
        time.sleep(LOOK_SECONDS)
    print_line("Pianola has ended.")
    return 0


def running(settings: Settings) -> int:
    """Return the id of the process that is `pianola up`, 0 if there is none."""
    try:
        lock_role(ROLE, settings.run).close()
    except AlreadyRunning:
        return int((settings.run / f"{ROLE}.lock").read_text().strip() or 0)
    return 0
