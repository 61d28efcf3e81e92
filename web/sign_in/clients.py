"""The keys of clients, as the gate asks for them. Their file is read again when it changes."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bus.clients.file import BadClientFile, read_clients
from bus.clients.keys import ClientKey, digest_of

CHECK_SECONDS = 1.0
"""How often the keys of answers that go on are checked."""

State = tuple[int, int, int, int, int]


class Clients:
    """All keys that are kept, also expired ones."""

    def __init__(self, file: Path, log: Callable[[str], None], clock: Callable[[], float] = time.time) -> None:
        """`log`: gets a sentence when the file cannot be used. `clock`: returns Unix seconds."""
        self._file, self._log, self._clock = file, log, clock
        self._keys: dict[str, ClientKey] = {}
        """By the hash of the key."""
        self._state: State | None = None
        self._closers: list[tuple[ClientKey, Callable[[], None]]] = []
        """Of the answers that go on: their keys, and what ends them."""
        self.problem = ""
        """Why no key opens anything: a sentence, "" if the file can be used."""

    def find(self, offered: str) -> ClientKey | None:
        """Return what is kept of a key, also if it has expired."""
        self._read_again()
        return self._keys.get(digest_of(offered))

    def is_valid(self, key: ClientKey) -> bool:
        """Return whether a key was neither revoked nor has expired."""
        self._read_again()
        return self._keys.get(key.digest) == key and key.is_valid(self._clock())

    @contextlib.contextmanager
    def connected(self, key: ClientKey, close: Callable[[], None]) -> Iterator[None]:
        """Have `close` called when the key is revoked or expires in the meantime: an answer to it goes on."""
        closer = key, close
        self._closers.append(closer)
        if len(self._closers) == 1:
            self._check_later()
        try:
            yield
        finally:
            self._closers.remove(closer)

    def _check_later(self) -> None:
        asyncio.get_running_loop().call_later(CHECK_SECONDS, self._check)

    def _check(self) -> None:
        for key, close in self._closers:
            if not self.is_valid(key):
                close()
        if self._closers:
            self._check_later()

    def _read_again(self) -> None:
        state = self._state_of_file()
        if state == self._state:
            return
        self._state, self._keys, self.problem = state, {}, ""
        try:
            self._keys = {one.digest: one for one in read_clients(self._file)}
        except BadClientFile as problem:
            self.problem = str(problem)
            self._log(self.problem)

    def _state_of_file(self) -> State | None:
        try:
            found = os.stat(self._file)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size, found.st_mode, found.st_uid
