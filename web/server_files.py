"""The files of the servers of models, read and written for the page: `servers.toml`, and the keys in `keys.toml`.

`pianola.toml` is the user's own and is only read. Keys go into their file and come out only to be written again:
everything else learns no more than which servers have one. The worker looks at the files every 2 s, so nothing needs to
be said on the bus.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from bus.errors import BadSetting, PianolaError
from bus.servers.keys import MAX_BYTES, MAX_KEY_CHARACTERS, BadKeyFile, read_keys, save_keys
from bus.servers.tables import ServerTable, merged, save_servers, servers_in
from bus.settings import Settings
from web.state.servers import EMBEDDED, OLLAMA, KnownServers

PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")
"""A name in `keys.toml` that can be written again as it was."""


class BadFile(PianolaError):
    """A file of servers or keys cannot be used as it is; nothing in it was touched."""


class ServerFiles:
    """The three files. What they say is read again when one of them has changed."""

    def __init__(self, settings: Settings) -> None:
        """Reads nothing yet."""
        self._own = settings.settings_file
        self._servers = settings.servers_file
        self._keys = settings.keys_file
        self._seen: list[tuple[int, ...]] = []
        """What the files were like when they were read last."""
        self._known = KnownServers()

    @property
    def known(self) -> KnownServers:
        """The servers in the files, and the names of those that have a key."""
        now = [state_of(file) for file in (self._own, self._servers, self._keys)]
        if now != self._seen:
            self._seen, self._known = now, self._read()
        return self._known

    def add(self, server: ServerTable, key: str) -> None:
        """Add a server, with its key if it has one. Raises `BadFile`; then nothing was changed.

        A key of an earlier server with this name goes: it must not be sent to another address.
        """
        tables, before = servers_in(self._servers), keys_in(self._keys).get(server.name, "")
        self.set_key(server.name, key)
        try:
            self._save_servers((*tables, server))
        except BadFile:
            self.set_key(server.name, before)
            raise

    def remove(self, name: str) -> None:
        """Remove a server that was added in the page, and its key. Raises `BadFile` or `BadSetting`."""
        tables = servers_in(self._servers)
        self.set_key(name, "")
        self._save_servers(one for one in tables if one.name != name)

    def set_key(self, name: str, key: str) -> None:
        """Change the key of a server, or one that jobs need; "" removes it. Raises `BadFile`."""
        keys = keys_in(self._keys)
        if keys.get(name, "") != key:
            others = {one: value for one, value in keys.items() if one != name}
            self._save_keys({**others, name: key} if key else others)

    def has(self, server: ServerTable, key: str) -> bool:
        """Return whether exactly this was added already: the page may send a command again after a break."""
        return server in servers_in(self._servers) and keys_in(self._keys).get(server.name, "") == key

    # --- the files ---

    def _read(self) -> KnownServers:
        problems: list[str] = []
        tables = merged(attempt(self._own, problems), attempt(self._servers, problems))
        try:
            named = set(keys_in(self._keys))
        except BadFile as problem:
            problems.append(str(problem))
            named = set()
        names = {OLLAMA, EMBEDDED, *(one.name for one in tables)}
        return KnownServers(tables, frozenset(named & names), tuple(problems), frozenset(named))

    def _save_servers(self, servers: Iterable[ServerTable]) -> None:
        tables = tuple(servers)
        self._write(self._servers, lambda: save_servers(self._servers, tables))

    def _save_keys(self, keys: Mapping[str, str]) -> None:
        if sum(len(name) + len(key) + 8 for name, key in keys.items()) > MAX_BYTES:
            raise BadFile(f"All keys together are longer than {MAX_BYTES // 1024} KiB. Remove one first.")
        self._write(self._keys, lambda: save_keys(self._keys, keys))

    @staticmethod
    def _write(file: Path, save: Callable[[], None]) -> None:
        try:
            save()
        except OSError as error:  # never with the text: it may be a key
            raise BadFile(f"{file} cannot be written: {error.strerror}. Make it possible, then save again.") from None


def attempt(file: Path, problems: list[str]) -> tuple[ServerTable, ...]:
    """Return the servers in a file; what is wrong with it is added to the problems."""
    try:
        return servers_in(file)
    except BadSetting as problem:
        problems.append(f"{problem}.")
        return ()


def keys_in(file: Path) -> dict[str, str]:
    """Return all keys by the names of their servers. Raises `BadFile`, also where a line could not be written again."""
    try:
        found = read_keys(file)
    except BadKeyFile as problem:
        raise BadFile(str(problem)) from None
    for name, key in found.items():
        if type(key) is not str or len(key) > MAX_KEY_CHARACTERS or not PLAIN_NAME.fullmatch(name):
            raise BadFile(f'{file} holds more than keys. Write one line for each server: NAME = "the key".')
    return found


def state_of(file: Path) -> tuple[int, ...]:
    """Return what changes whenever a file is written or its mode changes."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
