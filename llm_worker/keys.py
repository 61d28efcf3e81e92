"""The keys that servers want, from `$PIANOLA_HOME/keys.toml`: `NAME = "key"`, one line for each server.

Only this file knows them. They are in no message, no log, no error, and nowhere in the store.
"""

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

from llm_worker.problems import BadKey

MAX_BYTES = 64 * 1024
MAX_KEY_CHARACTERS = 4096


class Keys:
    """The file, read again when it has changed."""

    def __init__(self, file: Path) -> None:
        """Reads nothing yet. `file`: may be absent."""
        self._file = file
        self._seen: tuple[int, ...] = ()
        """Which state of the file was read: its inode, size and time of change."""
        self._keys: dict[str, Any] = {}
        self._problem: BadKey | None = None

    def of(self, name: str) -> str:
        """Return the key of a server, "" when it has none. Raises `BadKey`."""
        self._refresh()
        if self._problem:
            raise self._problem
        key = self._keys.get(name, "")
        if type(key) is not str or len(key) > MAX_KEY_CHARACTERS or not (key.isascii() and key.isprintable()):
            raise BadKey(
                self._file,
                f"holds a key for {name!r} that cannot be one: it must be one line of printable ASCII characters",
                f'Write it as {name} = "the key"',
            )
        return key.strip()

    def _refresh(self) -> None:
        try:
            found = self._file.stat()
        except OSError:
            self._seen, self._keys, self._problem = (), {}, None
            return
        state = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if state == self._seen:
            return
        self._seen, self._keys, self._problem = state, {}, None
        try:
            self._keys = read_keys(self._file)
        except BadKey as problem:
            self._problem = problem


def read_keys(file: Path) -> dict[str, Any]:
    """Return what is in the file. Refuses a file that other users could read."""
    try:
        with file.open("rb") as opened:
            check_private(file, os.fstat(opened.fileno()))
            return tomllib.loads(opened.read(MAX_BYTES).decode())
    except OSError as error:
        raise BadKey(file, f"cannot be read: {error.strerror}", "Make it a file of your own, or move it away") from None
    except ValueError:  # the error of the parser could show a part of a key
        raise BadKey(file, "is not written as TOML", 'Write one line for each server: NAME = "the key"') from None


def check_private(file: Path, found: os.stat_result) -> None:
    """Raise `BadKey` unless the file is an ordinary one that belongs to this user alone."""
    if not stat.S_ISREG(found.st_mode):
        raise BadKey(file, "is no ordinary file", "Move it away, and write the keys into a file of that name")
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid != os.geteuid() or mode & 0o077:
        raise BadKey(
            file, f"can be read by other users (mode {mode:04o}): no key in it is used", f"Run chmod 600 {file}"
        )
