"""`pianola restart`: end everything and start it again in the background, or restart one process."""

import argparse
import os
import signal
import time
from contextlib import suppress

from bus.errors import PianolaError
from bus.settings import Settings, load
from bus.text.console import print_line
from services.cli.commands import down
from services.cli.commands.status import EXIT_NOT_READY, Line, lines_now
from services.cli.service.manager import restart_service
from services.supervise import background
from services.supervise.running import as_running, running
from services.supervise.supervisor import NoSupervisor

LONGEST_SECONDS = 60.0
POLL_SECONDS = 0.1


class NoSuchProcess(PianolaError):
    """No process has this name."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"there is no process {name!r:.60}. The processes: {', '.join(known)}.")


def run(arguments: argparse.Namespace) -> int:
    """Restart; return 0 when what was restarted is ready."""
    settings = load()
    return restart_process(as_running(settings), arguments.process) if arguments.process else restart_all(settings)


def restart_all(settings: Settings) -> int:
    """End everything, and start it with the options and settings of before. Settings of this terminal count more."""
    before = running(settings)
    if before and before.by:
        return restart_service(before.by, settings)
    down.run(argparse.Namespace())
    options = [one for one in before.options if one != "--no-browser"] if before else []
    environment = {**before.environment, **os.environ} if before else dict(os.environ)
    return background.start(settings, [*options, "--no-browser"], environment)


def restart_process(settings: Settings, name: str) -> int:
    """Tell a process to end; supervisord starts it again. Wait until it is ready."""
    lines = lines_now(settings)
    found = next((line for line in lines if line.process == name), None)
    if found is None:
        raise NoSuchProcess(name, [line.process for line in lines])
    if found.pid:
        with suppress(ProcessLookupError):
            os.kill(found.pid, signal.SIGTERM)
    now = wait_ready(settings, found)
    if now.state == "ready":
        print_line(f"{name} is ready again (process {now.pid}).")
        return 0
    print_line(f"{name} is not ready after {LONGEST_SECONDS:.0f} s ({now.state}). {now.problem}".strip())
    return EXIT_NOT_READY


def wait_ready(settings: Settings, before: Line) -> Line:
    """Wait until a process is ready under another id; return how it is."""
    deadline, now = time.monotonic() + LONGEST_SECONDS, before
    while time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        with suppress(NoSupervisor):
            now = next(line for line in lines_now(settings) if line.process == before.process)
        if now.state == "ready" and now.pid not in (0, before.pid):
            return now
    return now
