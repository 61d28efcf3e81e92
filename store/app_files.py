"""Watches the folder of own apps: tries out what was saved, and tells the writer what came of it.

A new version is tried out in a process of its own (`apps.own.check`), which is ended when it takes too long.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from contextlib import suppress
from pathlib import Path

from apps.own.loading import OwnApps
from apps.own.versions import AppFile, BadFile, Signature, accept, folder_of, found_in, problem_of_file
from bus.code.folder import with_code
from bus.errors import PianolaError
from bus.service import Service
from store.own.files import FileState
from store.own.tables import FILE, OwnTables
from store.writer import Writer

LOOK_SECONDS = 0.25
"""Pause between two looks at the folder. A file is tried out when it is the same in two looks: it was saved whole."""
CHECK_SECONDS = 20.0
"""Longest trial of a version, with the start of its process."""
ENDED = f"loading it did not end within {CHECK_SECONDS:.0f} s, so it was ended. Does it loop when it is imported?"
DIED = "its process ended while it was loaded (exit code {code})."


class AppFiles:
    """The files of own apps, from the start of the store to its end."""

    def __init__(self, own: OwnApps, tables: OwnTables, writer: Writer, service: Service) -> None:
        """`own`: the apps in the rows. `tables`: makes backups before migrations. `writer`: writes the rows."""
        self._own = own
        self._tables = tables
        self._writer = writer
        self._service = service
        self._seen: dict[str, Signature] = {}
        """By app: what was tried out last."""
        self._saving: dict[str, Signature | None] = {}
        """By app: what was there in the last look, where it differs from `_seen`; None: nothing."""

    async def run(self) -> None:
        """Look at the folder until the process ends."""
        self._own.folder.mkdir(mode=0o700, exist_ok=True)
        while True:
            try:
                await self._look()
            except (OSError, sqlite3.Error, PianolaError) as problem:
                self._service.log("warning", f"the folder {self._own.folder} cannot be used now: {problem}")
                await asyncio.sleep(CHECK_SECONDS)
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        found = {one.name: one for one in found_in(self._own.folder)}
        for name, file in found.items():
            if self._is_settled(name, _signature(file)):
                await self._try_out(file)
        for name in self._own.names_of(FILE) - found.keys():
            if self._is_settled(name, None):
                self._note(FileState(name))

    def _is_settled(self, name: str, now: Signature | None) -> bool:
        """Return whether a file is new or changed, and was the same in the last look."""
        if now is not None and self._seen.get(name) == now:
            self._saving.pop(name, None)
            return False
        if name not in self._saving or self._saving[name] != now:
            self._saving[name] = now
            return False
        del self._saving[name]
        if now is None:
            self._seen.pop(name, None)
        else:
            self._seen[name] = now
        return True

    async def _try_out(self, file: AppFile) -> None:
        """Try out the version of a file that is there now, unless it is the one that runs."""
        if problem := problem_of_file(file):
            self._note(FileState(file.name, problem=problem))
            return
        try:
            version = file.copy()
        except (BadFile, OSError) as error:
            self._note(FileState(file.name, problem=f"{file.path.name} cannot be read: {error}"))
            return
        if self._own.runs(file.name, version):
            accept(self._own.folder, file.name, version)
            return
        problem = await self._checked(folder_of(self._own.folder, file.name, version))
        self._note(FileState(file.name, "" if problem else version, problem))

    async def _checked(self, copy: Path) -> str:
        """Load a version in a process of its own; return what is wrong with it, "" for nothing."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "apps.own.check",
            str(copy),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env=with_code(),
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                said, _ = await process.communicate()
            return str(json.loads(said)["problem"])
        except TimeoutError:
            return ENDED
        except (ValueError, KeyError, TypeError):
            return DIED.format(code=process.returncode)
        finally:
            with suppress(ProcessLookupError, PermissionError):  # with all that the app has started
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    def _note(self, file: FileState) -> None:
        if self._writer.is_held:  # the database file is being rewritten; a later look tries again
            self._seen.pop(file.name, None)
            return
        backup = self._tables.back_up_before(file)
        self._writer.note_file(file, f"{self._service.bus.sender}-app-{file.name}-{os.urandom(4).hex()}")
        row = self._own.row_of(file.name) or {}
        if backup:
            backup.succeeded() if row.get("version") == file.version else backup.failed()
        if row.get("problem"):
            self._service.log("warning", f"the app {file.name} was saved, and does not work: {row['problem']}")
        elif row:
            self._service.log("info", f"the app {file.name} was loaded from its file")
        else:
            self._service.log("info", f"the app {file.name} is gone with its file; its rows are kept")
        accept(self._own.folder, file.name, str(row.get("version", "")))


def _signature(file: AppFile) -> Signature:
    try:
        return file.signature()
    except (BadFile, OSError) as problem:
        return ((str(problem), 0, 0),)
