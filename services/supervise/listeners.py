"""The user's own programs that listen to the bus: each file in the folder `listeners` runs with the processes."""

import re
from pathlib import Path

from bus.settings import Settings

PREFIX = "listener-"
"""What their names begin with, among those of the processes."""
CLIENT = "pianola_bus"
"""A copy of `clients/pianola_bus.py`, which listeners may import, is none itself."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def folder(settings: Settings) -> Path:
    """Return the folder of all listeners."""
    return settings.home / "listeners"


def file_of(settings: Settings, name: str) -> Path:
    """Return the file of a listener."""
    return folder(settings) / f"{name}.py"


def listeners(settings: Settings) -> dict[str, str]:
    """Return the listeners as processes: the name of each, and what follows `python -m`."""
    names = sorted(file.stem for file in folder(settings).glob("*.py"))
    return {
        f"{PREFIX}{name}": f"services.listeners {name}" for name in names if NAME.fullmatch(name) and name != CLIENT
    }


def is_listener(process: str) -> bool:
    """Return whether this is the name of a listener."""
    return process.startswith(PREFIX)
