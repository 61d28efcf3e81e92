"""`pianola order`, `rows` and `search`: they know the apps, so `services.shell` runs them, in place of this process."""

import argparse
import json
import os
import sys

from bus.settings import load
from services.cli.bus_probe import check_bus
from services.cli.store_command import offline_environment


def run(arguments: argparse.Namespace) -> int:
    """Become the process that carries the command out; raise `NoSupervisor` when nothing runs."""
    settings = load()
    check_bus(settings)
    sys.stdout.flush()
    # `-P`: no module of the current folder is imported.
    command = [sys.executable, "-P", "-m", "services.shell", json.dumps(vars(arguments))]
    os.execve(sys.executable, command, offline_environment(settings))  # noqa: S606 (no shell)
