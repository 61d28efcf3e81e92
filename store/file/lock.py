"""One file belongs to one home: a lock of the database file by its identity, whatever it is called.

The lock of the role (`bus.role`) belongs to the home. It does not notice a hard link in another home.
"""

import fcntl
import os
import struct
import sys
from pathlib import Path

from store.file.database import BadDatabase

LOCKED_BYTE = 1 << 62
"""The byte of the file that is locked. SQLite locks bytes from 1 << 30; no file is so long that it reaches this one."""


class FileLock:
    """Holds the lock. Its descriptor must stay open for longer than SQLite's connections: to close it ends their locks.

    The same holds for every other descriptor of the file in this process: open none while SQLite has it open.
    """

    def __init__(self, database: Path) -> None:
        """Lock the file, which must exist. Raise `BadDatabase` when the store of another home has it."""
        self.descriptor = os.open(database, os.O_RDWR | os.O_CLOEXEC)
        try:
            lock(self.descriptor)
        except OSError as error:
            self.close()
            raise BadDatabase(
                database,
                "is in use by the store of another home (it is a hard link, or the same folder in two places)",
                "A file belongs to one home: copy it for the other one with `pianola backup FILE`",
            ) from error
        found = os.fstat(self.descriptor)
        self.identity = found.st_dev, found.st_ino

    def close(self) -> None:
        """Release the lock."""
        os.close(self.descriptor)


def lock(descriptor: int) -> None:
    """Lock the byte, or raise `OSError` when another process has locked it."""
    if sys.platform == "linux":
        # It belongs to this descriptor. Other locks of fcntl end when the process closes any descriptor of the file.
        wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, LOCKED_BYTE, 1, 0)
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)
    else:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, LOCKED_BYTE)
