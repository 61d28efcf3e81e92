"""`pianola service install|remove`: start Pianola at login with this data folder, or do so no more."""

import argparse
import os

from bus.role import holder_of
from bus.settings import load
from bus.text.console import print_line
from services.cli.service.manager import Commands, Manager, manager_for, tell
from services.supervise.running import ROLE, running

EXIT_FAILED = 1


def run(arguments: argparse.Namespace) -> int:
    """Install or remove the service; return 0, or 1 if the service manager did not do it."""
    settings = load()
    manager = manager_for(settings)
    if arguments.action == "remove":
        return remove(manager)
    if holder_of(ROLE, settings.run) and not ((run := running(settings)) and run.by):
        print_line(f"Pianola runs in {settings.home} already. `pianola down` first: then the service can start it.")
        return EXIT_FAILED
    return install(manager, str(settings.home))


def install(manager: Manager, home: str) -> int:
    """Write the file, and tell the service manager."""
    os.umask(0o077)
    manager.file.parent.mkdir(parents=True, exist_ok=True)
    manager.file.write_bytes(manager.text)
    print_line(f"Written: {manager.file}")
    if problem := tell(manager.install):
        return _not_told(problem, manager.install)
    print_line(f"{manager.kind} has started Pianola with {home}, and starts it whenever you log in.")
    return 0


def remove(manager: Manager) -> int:
    """Tell the service manager, and remove the file."""
    if not manager.file.exists():
        print_line(f"There is no service to remove: {manager.file} does not exist.")
        return 0
    problem = tell(manager.remove)
    manager.file.unlink(missing_ok=True)
    print_line(f"Removed: {manager.file}. All data stay.")
    return _not_told(problem, manager.remove) if problem else 0


def _not_told(problem: str, commands: Commands) -> int:
    told = "; ".join(" ".join(words) for words in commands)
    print_line(f"{problem}\nThe service manager was not told. Do it yourself when you are logged in: {told}")
    return EXIT_FAILED
