"""Find the apps.

They are the folders beside this file that have a `store.py`, and packages installed by pip, found by their entry point.
"""

import os
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apps

GROUP = "pianola.apps"
"""Group of the entry points. Each has the name of an app, and as its value the package that holds its `store.py`."""


@dataclass(frozen=True, slots=True)
class Installed:
    """An app that was found but not loaded yet."""

    name: str
    package: str
    """The package to import."""
    origin: str
    """The distribution that pip installed, to show to people; "" for apps that ship with Pianola."""
    file: str = ""
    """The one module of the package that holds all hooks; "" for an app with a file for each process."""


def installed() -> Iterator[Installed]:
    """Yield the apps: first those that ship with Pianola, then the others by name."""
    for found in pkgutil.iter_modules(apps.__path__):
        if found.ispkg and any(Path(folder, found.name, "store.py").exists() for folder in apps.__path__):
            yield Installed(found.name, f"{apps.__name__}.{found.name}", "")
    if _any_entry_point():
        yield from _by_entry_point()


def _any_entry_point() -> bool:
    """Return whether any installed package names the group. If not, `importlib.metadata` (4 MiB) is not needed."""
    files = (file for folder in sys.path for file in Path(folder).glob("*-info/entry_points.txt"))
    return any(GROUP.encode() in file.read_bytes() for file in files if os.access(file, os.R_OK))


def _by_entry_point() -> Iterator[Installed]:
    from importlib.metadata import entry_points  # noqa: PLC0415 (see `_any_entry_point`)

    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        yield Installed(point.name, point.value, point.dist.name if point.dist else "an unknown package")
