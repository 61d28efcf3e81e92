"""Checks of the data folder: where it is, who can read it, its settings, the room on its disk."""

import os
import shlex
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from bus.errors import BadHome
from bus.settings import check_length
from services.cli.doctor.finding import Finding, Patient

LEAST_FREE_BYTES = 200_000_000
"""So much room is needed for logs, for the daily backup and for what is written. A larger database needs more."""


def home(patient: Patient) -> Finding:
    """Check that the data folder can be used, and say which one it is."""
    folder = patient.settings.home
    which = f"{folder}{'' if patient.environment.get('PIANOLA_HOME') else ' (the default)'}"
    try:
        check_length(folder)
    except BadHome:
        remedy = "Choose a shorter one, for example PIANOLA_HOME=~/.pianola."
        return Finding("home", False, f"The path {which} is too long for the sockets in it.", remedy)
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        return Finding("home", False, f"{which} is a link, or no folder.", "Set PIANOLA_HOME to a folder of your own.")
    if not folder.exists():
        remedy = "`pianola up` makes it; PIANOLA_HOME names another one."
        return Finding("home", True, f"{which} does not exist yet.", remedy)
    if folder.stat().st_uid != os.geteuid():
        text = f"{which} belongs to user {folder.stat().st_uid}, not to you."
        return Finding("home", False, text, "Set PIANOLA_HOME to a folder of your own.")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Finding("home", False, f"{which} cannot be written.", f"chmod 700 {shlex.quote(str(folder))}")
    return Finding("home", True, f"{which}.")


def modes(patient: Patient) -> Finding:
    """Check that nobody else can read what is private."""
    open_ones = [path for path in _private(patient) if _others_may(path)]
    if not open_ones:
        return Finding("modes", True, "Only you can read the data." if patient.exists else "There is nothing yet.")
    folders = [shlex.quote(str(path)) for path in open_ones if path.is_dir()]
    files = [shlex.quote(str(path)) for path in open_ones if not path.is_dir()]
    commands = [f"chmod {mode} {' '.join(names)}" for mode, names in (("700", folders), ("600", files)) if names]
    names = ", ".join(map(str, open_ones))
    return Finding("modes", False, f"Other users can reach {names}.", "; ".join(commands))


def _private(patient: Patient) -> Iterator[Path]:
    settings = patient.settings
    yield from (settings.home, settings.run, settings.logs, settings.home / "spool", settings.backups)
    yield from (settings.token_file, settings.host_file, settings.sessions_file, settings.keys_file)
    yield from (settings.clients_file, settings.database)
    if settings.backups.is_dir() and os.access(settings.backups, os.R_OK):
        yield from sorted(settings.backups.glob("*.db"))


def _others_may(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return not stat.S_ISLNK(found.st_mode) and bool(found.st_mode & 0o077)


def settings_file(patient: Patient) -> Finding:
    """Check the settings: of `pianola.toml`, and of the environment."""
    if patient.bad_setting:
        return Finding("settings", False, patient.bad_setting)
    file = patient.settings.settings_file
    return Finding("settings", True, f"{file} is read." if file.exists() else "The defaults, and the environment.")


def disk(patient: Patient) -> Finding:
    """Check that there is room for the logs, and for one more backup."""
    folder = next(one for one in (patient.settings.home, *patient.settings.home.parents) if one.exists())
    free = shutil.disk_usage(folder).free
    database = patient.settings.database
    needed = max(LEAST_FREE_BYTES, 2 * database.stat().st_size if database.is_file() else 0)
    text = f"{free / 1e9:,.1f} GB are free at {folder}"
    if free < needed:
        remedy = "Make room: delete files, or old backups (`pianola backups` lists them)."
        return Finding("disk", False, f"{text}, and {needed / 1e9:,.1f} GB are needed.", remedy)
    return Finding("disk", True, f"{text}.")
