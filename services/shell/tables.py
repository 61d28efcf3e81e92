"""Print the names of tables, for commands that know no app."""

import sys
from argparse import Namespace

from apps.calls.calls import Calls
from apps.calls.timer import Timer
from apps.registry import Registry, load_apps
from services.shell.lookup import table_names
from services.shell.session import Session


async def run(session: Session, _given: Namespace) -> int:
    """Print those of all apps, also of the user's own."""
    return show(session.registry)


def show_installed() -> int:
    """Print those of the installed apps. Nothing needs to run for that."""
    return show(load_apps(calls=Calls(Timer())))


def show(registry: Registry) -> int:
    """Print a name in each line."""
    sys.stdout.writelines(f"{name}\n" for name in table_names(registry))
    return 0
