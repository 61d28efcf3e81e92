"""Whether files of our code were changed or replaced."""

import os
from collections.abc import Mapping
from pathlib import Path

from bus.code.folder import CODE
from bus.code.version import STARTED, version

PACKAGES = ("bus", "apps", "services", "store", "llm_worker", "web")
"""The folders of our code."""


def code_state(root: Path = CODE) -> str:
    """Return a text that changes when a file of our code does: version, number of files, time of the newest."""
    files = [root / "Procfile", *(file for package in PACKAGES for file in _python_files(root / package))]
    return f"{version(root)} {len(files)} {max(map(_changed, files))}"


def is_outdated(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether files of our code have changed since `pianola up` started this process."""
    return is_changed(environment.get(STARTED, ""))


def is_changed(earlier: str) -> bool:
    """Return whether files of our code have changed since an earlier `code_state`; False if that is not known ("")."""
    return bool(earlier) and earlier != code_state()


def _changed(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:  # it is being replaced at this moment
        return 0


def _python_files(folder: Path) -> list[Path]:
    """Return the Python files in a folder, without those of the front end's packages."""
    found = []
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in ("node_modules", "__pycache__", "static")]
        found += [Path(path, name) for name in names if name.endswith(".py")]
    return found
