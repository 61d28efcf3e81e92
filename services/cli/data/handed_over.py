"""`pianola order`, `rows` and `search`: they know the apps, so `services.shell` runs them, in place of this process."""

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from bus.settings import Settings, load
from services.cli.bus_probe import check_bus
from services.cli.store_command import offline_environment


def run(arguments: argparse.Namespace) -> int:
    """Become the process that carries the command out; raise `NoSupervisor` when nothing runs."""
    settings = load()
    check_bus(settings)
    sys.stdout.flush()
    os.execve(sys.executable, shell_command(**vars(arguments)), offline_environment(settings))  # noqa: S606 (no shell)


def words_behind(settings: Settings, words: list[str]) -> list[str]:
    """Return the words that can stand at the end of a command line. `words`: behind `pianola`; the last may be ""."""
    command = shell_command(command="complete", words=words)
    environment = offline_environment(settings)
    asked = subprocess.run(  # noqa: S603 (no shell)
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return asked.stdout.splitlines()


def shell_command(**given: Any) -> list[str]:
    """Return the command line. `-P`: no module of the current folder is imported."""
    return [sys.executable, "-P", "-m", "services.shell", json.dumps(given)]
