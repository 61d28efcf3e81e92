"""The files that a job has made for the user: those in the folder `files` of its own. The page sends only these."""

import re
from pathlib import Path

from apps.tables import Row

FOLDER = "files"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}\.(?:json|csv|csv\.gz|graphml|txt|md)", re.ASCII)
MOST_FILES = 20
"""Of one job that its row names."""


def made_files(folder: Path) -> list[Row]:
    """Return name and size in bytes of each file that a job has made, by name. `folder`: the job's own."""
    try:
        found = sorted(one for one in (folder / FOLDER).iterdir() if NAME.fullmatch(one.name) and is_plain(one))
        return [{"name": one.name, "bytes": one.stat().st_size} for one in found[:MOST_FILES]]
    except OSError:  # there is no such folder, or a program that the job started changes it just now
        return []


def is_plain(path: Path) -> bool:
    """Return whether there is a file, and no link to one."""
    return path.is_file() and not path.is_symlink() and not path.parent.is_symlink()
