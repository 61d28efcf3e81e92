"""All servers of the settings: one class for each kind. Their files are read again when they change."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from bus.errors import BadSetting
from bus.servers.tables import ServerTable, merged, servers_in
from bus.settings import Settings
from llm_worker.contract import Server
from llm_worker.embedded.server import Embedded
from llm_worker.keys import Keys
from llm_worker.ollama.server import Ollama
from llm_worker.openai.server import OpenAiServer

LOOK_SECONDS = 2.0
"""Time between two looks at the files."""


class Servers:
    """Ollama, the embedded engine, and the servers of `pianola.toml` and `servers.toml`."""

    def __init__(self, settings: Settings, warn: Callable[[str], None]) -> None:
        """Asks nothing yet. `warn`: gets the sentence about a file that cannot be used; what was known stays."""
        self._settings = settings
        self._keys = Keys(settings.keys_file)
        self._warn = warn
        self._tables = settings.servers
        self._by_table: dict[ServerTable, Server] = {}
        """All that were ever made: a server that is taken away may be playing still."""
        self.ollama = Ollama(settings, self._keys)
        self.embedded = Embedded(settings)
        self._states = self._look_at_files()
        self._read_tables()

    @property
    def all(self) -> list[Server]:
        """The servers: Ollama first, then the embedded engine."""
        return [self.ollama, self.embedded, *(self._server(table) for table in self._tables)]

    async def changed(self) -> None:
        """Wait until a file of servers, keys or models has changed; the servers of the tables are read then."""
        while (now := self._look_at_files()) == self._states:  # noqa: ASYNC110 (nothing tells us of a file)
            await asyncio.sleep(LOOK_SECONDS)
        self._states = now
        self._read_tables()

    async def close(self) -> None:
        """Close all connections."""
        everybody: list[Server] = [self.ollama, self.embedded, *self._by_table.values()]
        for server in everybody:
            await server.close()

    def _server(self, table: ServerTable) -> Server:
        if table not in self._by_table:
            self._by_table[table] = OpenAiServer.of(table, self._settings, self._keys)
        return self._by_table[table]

    def _read_tables(self) -> None:
        settings = self._settings
        try:
            self._tables = merged(servers_in(settings.settings_file), servers_in(settings.servers_file))
        except BadSetting as bad:
            self._warn(f"the servers stay as they were: {bad}")

    def _look_at_files(self) -> list[tuple[int, int, int]]:
        settings = self._settings
        files = (settings.settings_file, settings.servers_file, settings.keys_file, *self.embedded.library.paths())
        return [state_of(file) for file in files]


def state_of(file: Path) -> tuple[int, int, int]:
    """Return what changes whenever a file is written or its mode changes."""
    try:
        found = file.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
