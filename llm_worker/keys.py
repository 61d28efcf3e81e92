"""The keys that servers want, from `$PIANOLA_HOME/keys.toml`: `NAME = "key"`, one line for each server.

Only this file knows them. They are in no message, no log, no error, and nowhere in the store.
"""

from pathlib import Path
from typing import Any

from bus.servers.keys import MAX_KEY_CHARACTERS, BadKeyFile, read_keys
from llm_worker.problems import BadKey


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
                f"{self._file} holds a key for {name!r} that cannot be one: it must be one line of printable ASCII "
                f'characters. Write it as {name} = "the key".'
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
        except BadKeyFile as problem:
            self._problem = BadKey(str(problem))
