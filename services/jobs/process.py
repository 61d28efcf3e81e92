"""The process of one job, seen from `jobs`: start it, read what it says, end it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from apps.tables import Row
from bus.errors import BadMessage
from bus.processes.leftovers import end_left
from services.jobs.folder import LOG, MARK

LONGEST_LINE = 1_200_000
"""Bytes of one message of a job."""
END_SECONDS = 2.0
"""How long a job may take to end when it is told to, before it is ended by force."""
LAST_WORDS_SECONDS = 1.0
"""How long what a process said last is waited for after its end: something that it started may hold the pipe open."""

LAST = ("ended", "failed", "paused")
"""The messages after which a job says nothing any more."""

PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
PASSED_ON_BEGINNINGS = ("LC_", "PYTHON", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NIX_SSL_")
"""The only variables of the environment that a job gets, by name and by beginning: others may hold secrets."""

DEATHS: dict[int, str] = {
    signal.SIGKILL: "ended by force (SIGKILL). Perhaps the machine was short of memory",
    signal.SIGSEGV: "ended by a fault in compiled code (SIGSEGV)",
    signal.SIGABRT: "ended by a fault in compiled code (SIGABRT)",
    signal.SIGXCPU: "ended because it used too much processor time (SIGXCPU)",
}


class JobProcess:
    """One process of a job."""

    def __init__(self, folder: Path, heard: Callable[[Row], None]) -> None:
        """`heard`: called with each message of the job but the last. Starts nothing before `run`."""
        self._folder = folder
        self._heard = heard
        self._process: asyncio.subprocess.Process | None = None
        self._ending = False

    async def run(self, order: Row) -> Row:
        """Run the job to its end, and return its last message: `ended`, `failed` or `paused`; {} if it just died.

        Raises `OSError` when the process cannot be started.
        """
        with (self._folder / LOG).open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.jobs.child",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=environment(os.environ) | {MARK: str(self._folder)},
                limit=LONGEST_LINE,
                start_new_session=True,
            )
        self.tell(order)
        if self._ending:  # it was told to end while it was being started
            self._signal(signal.SIGKILL)
        last = await self._last_message(self._process)
        await self._gone(self._process)
        await asyncio.to_thread(end_left, MARK, self._folder)
        return last

    async def _last_message(self, process: asyncio.subprocess.Process) -> Row:
        reading = asyncio.ensure_future(self._read(process))
        ended = asyncio.ensure_future(process.wait())
        await asyncio.wait({reading, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            await asyncio.wait({reading}, timeout=LAST_WORDS_SECONDS)
        ended.cancel()
        if not reading.done():
            reading.cancel()
            return {}
        return reading.result()

    async def _read(self, process: asyncio.subprocess.Process) -> Row:
        """Pass on what the job says, and return its last message; {} if there is none."""
        assert process.stdout  # noqa: S101 (it is a pipe: see `run`)
        try:
            while line := await process.stdout.readline():
                said: Any = json.loads(line)
                if any(name in said for name in LAST):
                    return dict(said)
                self._heard(said)
        except (ValueError, TypeError, KeyError, RecursionError, BadMessage):  # too long, or no message of ours
            self._signal(signal.SIGKILL)
            return {"failed": "It wrote something into the pipe to Pianola that is no message. It may not do that."}
        return {}

    async def _gone(self, process: asyncio.subprocess.Process) -> None:
        """Wait until the process has ended; then end what it has started and left."""
        try:
            async with asyncio.timeout(END_SECONDS):
                await process.wait()
        except TimeoutError:
            pass
        self._signal(signal.SIGKILL)
        await process.wait()

    @property
    def death(self) -> str:
        """Why the process ended without a last message, as a sentence."""
        code = self._process.returncode if self._process else None
        if code is None or code >= 0:
            return f"Its process ended by itself (exit code {code}) before the function returned."
        return f"Its process was {DEATHS.get(-code, f'ended by signal {-code}')}."

    def tell(self, message: Row) -> None:
        """Send the process a message."""
        if self._process and self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def end(self) -> None:
        """End the job and all that it started: first by SIGTERM, which cancels the function, then by force."""
        self._ending = True
        if self._process and self._process.returncode is None:
            self._signal(signal.SIGTERM)
            await self._gone(self._process)

    def _signal(self, number: signal.Signals) -> None:
        if self._process:
            with suppress(ProcessLookupError, PermissionError):  # macOS: not permitted for a process that has ended
                os.killpg(self._process.pid, number)


def environment(ours: Any) -> dict[str, str]:
    """Return the environment of a job, of that of `jobs`."""
    kept = {
        name: value
        for name, value in ours.items()
        if name in PASSED_ON or name.upper().startswith(PASSED_ON_BEGINNINGS)
    }
    return kept | {"MALLOC_ARENA_MAX": "2"}  # each thread would take 64 MB of the memory that a job may address
