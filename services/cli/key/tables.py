"""Check that there are the tables that a key is to open: only a process that loads the apps knows them."""

import subprocess
from collections.abc import Iterable

from bus.clients.keys import BadKey
from bus.settings import Settings
from services.cli.bus_probe import check_bus
from services.cli.data.handed_over import shell_command
from services.cli.store_command import offline_environment
from services.supervise.supervisor import NoSupervisor

OWN = " Tables of apps that you made in the page are known while Pianola runs: `pianola up --background`."


def check_tables(settings: Settings, wanted: Iterable[str]) -> None:
    """Raise `BadKey` for the first table that no app has."""
    own = tables_of(settings, "tables") if is_running(settings) else []
    known = own or tables_of(settings, "installed-tables")
    for table in wanted:
        if table not in known:
            raise BadKey(f"there is no table {table!r:.60}. Tables: {', '.join(known)}.{'' if own else OWN}")


def is_running(settings: Settings) -> bool:
    """Return whether Pianola runs."""
    try:
        check_bus(settings)
    except NoSupervisor:
        return False
    return True


def tables_of(settings: Settings, command: str) -> list[str]:
    """Return the names that a command of `services.shell` prints; [] if it fails."""
    asked = subprocess.run(  # noqa: S603 (no shell)
        shell_command(command=command),
        env=offline_environment(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.split() if asked.returncode == 0 else []
