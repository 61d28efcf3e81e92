"""Which apps there are: the folders beside this file, and packages that pip installed, found by entry point."""

import os
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apps

GROUP = "pianola.apps"
"""Entry points: the name is the app's, the value the package that holds its `store.py`."""


@dataclass(frozen=True, slots=True)
class Installed:
    """An app that was found, and not yet looked into."""

    name: str
    package: str
    """What to import."""
    origin: str
    """Who brought it, for people: the distribution that pip installed; "" for those that ship with Pianola."""


def installed() -> Iterator[Installed]:
    """Find the apps: those that ship with Pianola first, then the others by name."""
    for found in pkgutil.iter_modules(apps.__path__):
        if found.ispkg:
            yield Installed(found.name, f"{apps.__name__}.{found.name}", "")
    if _is_offered():
        yield from _by_entry_point()


def _is_offered() -> bool:
    """Return whether any installed package mentions the group: else 4 MiB of `importlib.metadata` can be saved."""
    files = (file for folder in sys.path for file in Path(folder).glob("*-info/entry_points.txt"))
    return any(GROUP.encode() in file.read_bytes() for file in files if os.access(file, os.R_OK))


def _by_entry_point() -> Iterator[Installed]:
    from importlib.metadata import entry_points  # noqa: PLC0415 (see `_is_offered`)

    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        yield Installed(point.name, point.value, point.dist.name if point.dist else "an unknown package")
