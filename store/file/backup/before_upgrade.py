"""The backup before an upgrade: one for each state of the file, however often the upgrade is tried."""

import sqlite3
from pathlib import Path

from store.file.backup.copies import BadBackup, digest, make_copy
from store.file.backup.folder import PREFIXES, BadFolder, Reason, forget_old, new_name
from store.file.database import BadDatabase

STATE_DIGITS = 12
"""So many digits of the digest stand in the name of the backup."""


class UpgradeBackup:
    """A copy of the file before an upgrade. If the upgrade fails, it displaces no copy of one that succeeded."""

    def __init__(self, connection: sqlite3.Connection, folder: Path, version: int) -> None:
        """Make the copy, unless there is one of this state. Raise `BadDatabase` if that is impossible."""
        self.file: Path
        """The copy."""
        self._folder = folder
        self._is_new = True
        try:
            copy = make_copy(connection, new_name(folder, "upgrade", version=str(version)))
            state = digest(copy)[:STATE_DIGITS]
            earlier = next((one for one in folder.glob(f"*-{state}.db") if digest(one).startswith(state)), None)
            if earlier:
                copy.unlink()
                self.file, self._is_new = earlier, False
            else:
                self.file = copy.rename(copy.with_stem(f"{copy.stem}-{state}"))
        except (BadBackup, BadFolder, OSError) as error:
            file = Path(connection.execute("pragma database_list").fetchone()[2])
            reason = error.strerror if isinstance(error, OSError) else error.problem
            problem = f"is not upgraded: its backup in {folder} cannot be written ({reason})"
            raise BadDatabase(file, problem, "Make room on the disk, and a folder with that name.") from error

    def succeeded(self) -> None:
        """Keep it with the last ones of upgrades that succeeded."""
        self._keep_as("upgrade", "failed upgrade")

    def failed(self) -> None:
        """Keep it, if it is new, with the last ones of upgrades that failed."""
        if self._is_new:
            self._keep_as("failed upgrade", "upgrade")

    def _keep_as(self, reason: Reason, other: Reason) -> None:
        name = self.file.name
        if name.startswith(PREFIXES[other]):
            self.file = self.file.rename(self._folder / name.replace(PREFIXES[other], PREFIXES[reason], 1))
        forget_old(self._folder, reason)
