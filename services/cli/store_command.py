"""Run a command of the store in a process of its own: the command line may not open the database itself."""

import subprocess
import sys
from pathlib import Path

from bus.code.folder import with_code
from bus.settings import Settings


def run_offline(settings: Settings, command: str, file: str = "") -> int:
    """Run `store.offline`; return its exit code. It refuses what must not be done while the store runs."""
    return subprocess.call(offline_command(command, file), env=offline_environment(settings))  # noqa: S603 (no shell)


def offline_command(command: str, file: str = "") -> list[str]:
    """Return the command line. `-P`: no module of the current folder is imported."""
    return [sys.executable, "-P", "-m", "store.offline", command, file]


def offline_environment(settings: Settings) -> dict[str, str]:
    """Return the environment of the process: our code, and our data folder."""
    return with_code() | {"PIANOLA_HOME": str(settings.home)}


def absolute(file: str) -> str:
    """Return the absolute path of a file that the user named, "" for none."""
    return str(Path(file).expanduser().absolute()) if file else ""
