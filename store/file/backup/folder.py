"""The folder of backups: what they are called, which are there, and how long they are kept."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Literal

from bus.errors import PianolaError

Reason = Literal["daily", "upgrade", "failed upgrade", "by hand", "before restore"]

PREFIXES: dict[Reason, str] = {
    "daily": "pianola-daily",
    "upgrade": "pianola-version",
    "failed upgrade": "pianola-failed-upgrade-version",
    "by hand": "pianola-by-hand",
    "before restore": "pianola-before-restore",
}
"""How the name of a backup begins."""

NAME = re.compile(r"(pianola-[a-z-]+?)\d*-(\d{8}-\d{6})(?:-\w+)*\.db")
TIME = "%Y%m%d-%H%M%S"

KEPT = 10
"""So many backups of a reason are kept, except daily ones (see the settings) and those by hand (all)."""

DAY_SECONDS = 86_400


class BadFolder(PianolaError):
    """There is no folder for backups where it should be."""

    def __init__(self, folder: Path, problem: str) -> None:
        super().__init__(
            f"backups cannot be written to {folder}: {problem}. It must be a folder of yours; move away what is there."
        )
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup in the folder. `at`: Unix seconds, from its name; `size`: bytes."""

    file: Path
    at: float
    size: int
    reason: Reason


def backups_in(folder: Path) -> list[Backup]:
    """Return all backups, the newest first; nothing if there is no folder."""
    found = [one for file in _files(folder) if (one := _backup(file))]
    return sorted(found, key=lambda one: (one.at, one.file.name), reverse=True)


def _files(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from folder.iterdir()


def _backup(file: Path) -> Backup | None:
    matched = NAME.fullmatch(file.name)
    reason = next((one for one, prefix in PREFIXES.items() if matched and matched[1] == prefix), None)
    if matched is None or reason is None:
        return None
    try:
        return Backup(file, time.mktime(time.strptime(matched[2], TIME)), file.stat().st_size, reason)
    except (OSError, ValueError, OverflowError):
        return None


def new_name(folder: Path, reason: Reason, *, version: str = "") -> Path:
    """Return a free path for a backup, and make the folder. Raise `BadFolder` if there can be none."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise BadFolder(folder, error.strerror or str(error)) from error
    stem = f"{PREFIXES[reason]}{version}-{time.strftime(TIME)}"
    names = chain([f"{stem}.db"], (f"{stem}-{number:02}.db" for number in count(1)))
    return next(path for name in names if not (path := folder / name).exists())


def forget_old(folder: Path, reason: Reason) -> None:
    """Delete the oldest backups of a reason, beyond those that are kept."""
    for one in [one for one in backups_in(folder) if one.reason == reason][KEPT:]:
        _delete(one.file)


def daily_is_due(folder: Path, now: float) -> bool:
    """Return whether the newest daily backup is older than a day. One from the future was made by a wrong clock."""
    newest = next((one for one in backups_in(folder) if one.reason == "daily" and one.at <= now), None)
    return newest is None or now - newest.at >= DAY_SECONDS


def forget_old_daily(folder: Path, days: int, now: float) -> None:
    """Delete daily backups that are older than so many days. Call it after a new one was made."""
    for one in backups_in(folder):
        if one.reason == "daily" and now - one.at > days * DAY_SECONDS:
            _delete(one.file)


def _delete(backup: Path) -> None:
    with suppress(OSError):
        backup.unlink()
        backup.with_name(f"{backup.name}-wal").unlink(missing_ok=True)  # of a damaged one, kept before a restore
