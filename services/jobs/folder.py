"""The folder of one job: how far it came, its checkpoint, how it ended, its log, and the files that it made."""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from apps.tables import Row
from apps.work.progress import CHECKPOINT

MARK = "JOB_FOLDER"
"""A variable of a job’s process, and of all that it starts: its folder."""
POSITION = "position.json"
OUTCOME = "outcome.json"
LOG = "log.txt"


@dataclass(slots=True)
class Position:
    """How far a job is. It stays in the folder, so that a later run of `jobs` knows it."""

    created: float
    """When the job's row was made: tells whether the folder is that of this job."""
    attempt: int
    done: int = 0
    total: int = 0
    note: str = ""
    starts: int = 0
    """How many processes were started since the newest checkpoint."""
    checkpoint: int = 0
    """When the newest checkpoint was saved, in nanoseconds; 0 for none."""
    stopped: bool = False
    """The last process was ended because `jobs` was told to end."""
    pausing: bool = False
    """The job is to end at its next checkpoint."""
    title: str = ""
    """The job's own words for this run; "" until its process has said them."""


class JobFolder:
    """The folder of one job."""

    def __init__(self, path: Path) -> None:
        """Creates nothing before `prepare`."""
        self.path = path

    def prepare(self, row: Row) -> Position:
        """Create the folder, and return how far the job is. What another job of this number has left goes."""
        left = self._read(POSITION)
        if left and left.get("created") != row["created"]:
            shutil.rmtree(self.path)
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.position(row) or Position(row["created"], row["attempt"], row["done"], row["total"], row["note"])

    def position(self, row: Row) -> Position | None:
        """Return how far this attempt is; None if no process was started for it yet."""
        left = self._read(POSITION)
        if not left or (left.get("created"), left.get("attempt")) != (row["created"], row["attempt"]):
            return None
        try:
            return Position(**left)
        except TypeError:  # written by another version
            return None

    def save(self, position: Position) -> None:
        """Save how far the job is. Raises `OSError`."""
        self._write(POSITION, asdict(position), sync=False)

    def checkpoint(self) -> int:
        """Return when the newest checkpoint was saved, in nanoseconds; 0 for none."""
        try:
            return (self.path / CHECKPOINT).stat().st_mtime_ns
        except OSError:
            return 0

    def outcome(self, row: Row) -> Row:
        """Return how this attempt ended, if an earlier run of `jobs` did not get to store it; else {}."""
        left = self._read(OUTCOME)
        same = left and (left.get("created"), left.get("attempt")) == (row["created"], row["attempt"])
        outcome: Row = left["outcome"] if same else {}
        return outcome

    def save_outcome(self, row: Row, outcome: Row) -> None:
        """Save how this attempt ended, before it is stored. Raises `OSError`."""
        kept = {"created": row["created"], "attempt": row["attempt"], "outcome": outcome}
        self._write(OUTCOME, kept, sync=True)

    def _read(self, name: str) -> Row:
        try:
            read: Any = json.loads((self.path / name).read_text())
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}

    def _write(self, name: str, content: Row, *, sync: bool) -> None:
        new = self.path / f"{name}.new"
        with new.open("w") as file:
            json.dump(content, file)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        new.replace(self.path / name)
