"""Start `pianola up` as a process that stays when this one leaves, and wait until it is ready."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bus.code.folder import with_code
from bus.settings import Settings
from bus.text.console import print_line
from services.supervise.notify import READY, VARIABLE

POLL_SECONDS = 0.1
"""Time between two looks at what it has printed, and whether it has ended."""
EXIT_ENDED = 1


def up_command(options: Sequence[str]) -> list[str]:
    """Return the command line of `pianola up`. `-P`: it imports no module of the current folder."""
    return [sys.executable, "-P", "-m", "services.cli.main", "up", *options]


def start(settings: Settings, options: Sequence[str], environment: Mapping[str, str] = os.environ) -> int:
    """Start it; print what it prints until it is ready. Return 0 when it is ready, else its exit code.

    `options`: of its command line. Ctrl-C meanwhile ends it. What it prints goes to `logs/up.log`.
    """
    os.umask(0o077)
    with _ready_socket(settings) as ready, (settings.logs / "up.log").open("ab+") as log:
        child = subprocess.Popen(  # noqa: S603 (no shell)
            up_command(options),
            cwd=settings.home,
            env=_environment(settings, environment) | {VARIABLE: ready.getsockname()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.seek(0, os.SEEK_END)
        try:
            return _wait(child, ready, settings.logs / "up.log", log.tell())
        except KeyboardInterrupt:
            child.terminate()
            child.wait()
            raise


def _environment(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    return with_code(environment) | {"PIANOLA_HOME": str(settings.home)}


@contextmanager
def _ready_socket(settings: Settings) -> Iterator[socket.socket]:
    """Listen for the word that it is ready."""
    path = settings.run / f"up.{os.getpid()}"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(POLL_SECONDS)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _wait(child: subprocess.Popen[bytes], ready: socket.socket, log: Path, offset: int) -> int:
    while True:
        try:
            is_ready = ready.recv(4096).decode(errors="replace").startswith(READY)
        except TimeoutError:
            is_ready = False
        code = child.poll()
        offset = _print_from(log, offset)
        if is_ready:
            child.returncode = 0  # it goes on without us: no warning that nobody waits for it
            return 0
        if code is not None:
            return code or EXIT_ENDED


def _print_from(log: Path, offset: int) -> int:
    """Print what was added to the log; return the new end."""
    with log.open("rb") as file:
        file.seek(offset)
        added = file.read()
    if added:
        print_line(added.decode(errors="replace").rstrip("\n"))
    return offset + len(added)
