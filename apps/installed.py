"""Which apps there are: the folders beside this file, and packages that pip installed, found by entry point."""

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points

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
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        yield Installed(point.name, point.value, point.dist.name if point.dist else "an unknown package")
