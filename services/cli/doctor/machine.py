"""Checks of what lies outside the data folder: Python, our files, the command itself, limits of the system."""

import resource
import shutil
import sqlite3
import sys
from pathlib import Path

from bus.code.folder import CODE, DISTRIBUTION, is_checkout
from bus.code.version import version
from services.cli.doctor.finding import Finding, Patient
from services.supervise.configuration import LEAST_FILES
from services.supervise.running import is_outdated

LEAST_PYTHON = (3, 11)
REINSTALL = f"The installation is incomplete: install {DISTRIBUTION} again."
OUR_ENTRY = "pianola_workbench"
"""Stands in the script `pianola` that pip makes for us."""


def python(_patient: Patient) -> Finding:
    """Check the version of Python."""
    number = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < LEAST_PYTHON:
        return Finding(
            "python", False, f"Python {number} is too old.", "Install Python 3.11 or newer, and Pianola into it."
        )
    return Finding("python", True, f"Python {number}, in {sys.prefix}.")


def versions(patient: Patient) -> Finding:
    """Say the versions, and whether the code that runs is still the one on the disk."""
    text = f"Pianola {version()}, SQLite {sqlite3.sqlite_version}, in {CODE}."
    if is_outdated(patient.settings):
        remedy = "`pianola restart` finishes the update."
        return Finding("versions", False, f"{text} Files of it have changed since it was started.", remedy)
    return Finding("versions", True, text)


def page_files(_patient: Patient) -> Finding:
    """Check that the scripts of the page are installed: by `make up` in a checkout; a wheel holds them."""
    if (CODE / "web" / "static" / "vendor" / "installed").is_file():
        return Finding("page files", True, "The scripts of the page are installed.")
    remedy = "`make up` installs them (it needs the network once)." if is_checkout() else REINSTALL
    return Finding("page files", False, "The scripts of the page are not installed.", remedy)


def command(patient: Patient) -> Finding:
    """Check which program the word `pianola` starts: another package has a command of this name, too."""
    found = shutil.which("pianola", path=patient.environment.get("PATH", ""))
    if found is None:
        text = "No `pianola` is in PATH."
        return Finding("command", True, text, f"To write only `pianola`, add {Path(sys.prefix, 'bin')} to PATH.")
    if _is_ours(Path(found)):
        return Finding("command", True, f"`pianola` is {found}.")
    text = f"`pianola` starts another program: {found} comes first in PATH."
    return Finding("command", False, text, f"Put {Path(sys.prefix, 'bin')} before it in PATH, or remove it.")


def _is_ours(script: Path) -> bool:
    try:
        return OUR_ENTRY.encode() in script.read_bytes()[:4096]
    except OSError:
        return False


def open_files(_patient: Patient) -> Finding:
    """Check the limit of open files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < LEAST_FILES:
        text = f"Only {hard} open files are allowed, and Pianola needs {LEAST_FILES}."
        return Finding("open files", False, text, "Allow more with `ulimit -n 1024`, then start it.")
    allowed = "Any number of" if hard == resource.RLIM_INFINITY else f"{hard:,}"
    return Finding("open files", True, f"{allowed} open files are allowed; Pianola needs {LEAST_FILES}.")


def reminders(_patient: Patient) -> Finding:
    """Say whether the desktop can tell what becomes due. It is no mistake if it cannot."""
    program = "osascript" if sys.platform == "darwin" else "notify-send"
    if found := shutil.which(program):
        text = f"The desktop can tell what becomes due, by {found}, if the setting `desktop_reminders` is 1."
        return Finding("reminders", True, text)
    text = f"The desktop cannot tell what becomes due: there is no `{program}`. The page does."
    return Finding("reminders", True, text, f"To have it, install {program} (Debian: libnotify-bin).")
