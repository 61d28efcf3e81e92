"""The service manager of this machine: where its file of our service is, what stands in it, how it is told."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bus.code.folder import CODE
from bus.errors import PianolaError
from bus.settings import Settings, default_home
from bus.text.console import print_line
from services.cli.service import launchd, systemd
from services.supervise.background import up_command
from services.supervise.running import setting_variables

COMMAND_SECONDS = 120.0
"""Longest wait for the service manager. Starting the service waits until everything is ready."""

Commands = tuple[list[str], ...]


class NoManager(PianolaError):
    """Neither systemd nor launchd is on the machine."""

    def __init__(self) -> None:
        super().__init__(
            "neither systemd nor launchd is here, so nothing can start Pianola at login. `pianola up --background` "
            "starts it now; add this line to whatever your system runs at login."
        )


@dataclass(frozen=True, slots=True)
class Manager:
    """One kind of service manager, for one data folder.

    `file`: of our service. `install`, `remove`, `restart`: the commands that tell the manager, one after the other.
    """

    kind: str
    file: Path
    text: bytes
    install: Commands
    remove: Commands
    restart: Commands


def manager_for(settings: Settings, environment: Mapping[str, str] = os.environ) -> Manager:
    """Return the service manager of this machine, or raise `NoManager`."""
    words = up_command(["--no-browser"])
    variables = {"PYTHONPATH": str(CODE), **setting_variables(environment), "PIANOLA_HOME": str(settings.home)}
    name, log = service_name(settings), settings.logs / "up.log"
    if sys.platform == "darwin":
        file = launchd.file_of(name, Path.home())
        text = launchd.text(name, words, variables | {"PIANOLA_SERVICE": "launchd"}, log)
        return Manager("launchd", file, text, *launchd.commands(name, file))
    if shutil.which("systemctl") is None:
        raise NoManager
    file = systemd.file_of(name, environment, Path.home())
    text = systemd.text(words, variables | {"PIANOLA_SERVICE": "systemd"}).encode()
    return Manager("systemd", file, text, *systemd.commands(name))


def service_name(settings: Settings) -> str:
    """Return the name of the service: each data folder but the default one has its own."""
    if settings.home == default_home():
        return "pianola"
    return f"pianola-{hashlib.sha256(os.fsencode(settings.home)).hexdigest()[:8]}"


def restart_service(kind: str, settings: Settings) -> int:
    """Restart everything through the service manager that runs it; return 0 when that was done."""
    print_line(f"Pianola is run by {kind}, which restarts it.")
    manager = manager_for(settings)
    return 0 if not (problem := tell(manager.restart)) else _failed(problem)


def _failed(problem: str) -> int:
    print_line(problem)
    return 1


def tell(commands: Commands) -> str:
    """Run the commands; return the sentence about the first that fails, "" if none does."""
    for words in commands:
        try:
            ran = subprocess.run(  # noqa: S603 (no shell)
                words, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False, stdin=subprocess.DEVNULL
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"`{' '.join(words)}` could not be run: {error}"
        if ran.returncode:
            said = " ".join(f"{ran.stderr} {ran.stdout}".split())[:300]
            return f"`{' '.join(words)}` failed with exit code {ran.returncode}: {said}"
    return ""
