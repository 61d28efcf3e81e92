"""What commands do with the database that must not open it themselves: `python -m store.offline`.

`pianola backup`, `backups` and `restore`, in a home whose store does not run; and what `pianola doctor` looks at.
"""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bus.errors import EXIT_REFUSED, AlreadyRunning, PianolaError
from bus.role import lock_role
from bus.settings import Settings, home_of, load
from bus.text.console import print_line
from store.file.backup.copies import make_copy
from store.file.backup.folder import backups_in, new_name
from store.file.backup.restore import NotRestored, finish_restore, restore, set_foreign_wal_aside
from store.file.database import BadDatabase, check_file, open_database
from store.file.lock import FileLock
from store.inspection import inspect

RUNNING_ROLES = ("supervisor", "store")
"""The roles of `pianola up` and of the store: while one of them is taken, something may use the database."""


def back_up(settings: Settings, name: str) -> str:
    """Make a backup; return what to tell the user. `name`: of the file, "" for one in the folder `backups`."""
    database = settings.database
    with lock_role("store", settings.run):
        finish_restore(database, settings.backups)
        if not database.exists():
            raise BadDatabase(database, "does not exist: there is nothing to back up", "`pianola up` makes a new one")
        check_file(database)
        lock = FileLock(database)
        try:
            set_foreign_wal_aside(database)
            with closing(open_database(database)) as connection:
                file = make_copy(connection, Path(name) if name else new_name(settings.backups, "by hand"))
        finally:
            lock.close()
    return f"Backup made and checked: {file} ({megabytes(file.stat().st_size)})"


def show(settings: Settings, _name: str) -> str:
    """Return the list of all backups, the newest first."""
    found = backups_in(settings.backups)
    if not found:
        return f"There are no backups in {settings.backups}. `pianola backup` makes one."
    lines = [f"{'date':<18}{'size':>10}  {'reason':<16}file"]
    for one in found:
        date = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.at))
        lines.append(f"{date:<18}{megabytes(one.size):>10}  {one.reason:<16}{one.file}")
    return "\n".join([*lines, "", "`pianola restore FILE` brings one back, after `pianola down`."])


def bring_back(settings: Settings, name: str) -> str:
    """Restore a file; return what to tell the user. A bare name that is not here is looked for among the backups."""
    file = Path(name)
    if not file.exists() and (settings.backups / file.name).exists():
        file = settings.backups / file.name
    try:
        with lock_role(RUNNING_ROLES[0], settings.run), lock_role(RUNNING_ROLES[1], settings.run):
            kept = restore(file, settings.database, settings.backups)
    except AlreadyRunning as error:
        way_out = "`pianola down` stops it; then restore, then `pianola up`."
        raise NotRestored(file, f"cannot be put in place while Pianola runs in {settings.home}", way_out) from error
    told = f" What was there before is kept: {kept}." if kept else ""
    return f"Restored {file}.{told} `pianola up` starts with it."


def megabytes(size: int) -> str:
    """Return a size for people."""
    return f"{size / 1e6:.1f} MB"


LOOK = "look"
COMMANDS: dict[str, Callable[[Settings, str], str]] = {"backup": back_up, "backups": show, "restore": bring_back}


def main(arguments: list[str]) -> int:
    """Run a command (`look`; or `backup`, `backups` or `restore`, and a file). Exit code: 0 done, 3 refused."""
    os.umask(0o077)
    command, name = arguments
    if command == LOOK:  # `load` would write in the home
        sys.stdout.write(json.dumps(inspect(Settings(home_of()))))
        return 0
    try:
        print_line(COMMANDS[command](load(), name))
    except (PianolaError, OSError, sqlite3.Error) as problem:
        sys.stderr.write(f"pianola: {problem}\n")
        return EXIT_REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
