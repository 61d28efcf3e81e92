"""Run a command of the store in a process of its own: the command line may not open the database itself."""

import os
import subprocess
import sys
from pathlib import Path

from bus.settings import Settings
from services.supervise.procfile import CHECKOUT


def run_offline(settings: Settings, command: str, file: str = "") -> int:
    """Run `store.offline`; return its exit code. It refuses what must not be done while the store runs."""
    environment = os.environ | {
        "PIANOLA_HOME": str(settings.home),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH", "")])),
    }
    words = [sys.executable, "-P", "-m", "store.offline", command, file]  # -P: no module of the current folder
    return subprocess.call(words, env=environment)  # noqa: S603 (no shell)


def absolute(file: str) -> str:
    """Return the absolute path of a file that the user named, "" for none."""
    return str(Path(file).expanduser().absolute()) if file else ""
