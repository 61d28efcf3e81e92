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

LONGEST_LINE = 1_200_000
"""Bytes of one message of a job."""
END_SECONDS = 3.0
"""How long a job may take to end when it is told to, before it is ended by force."""


class JobProcess:
    """One run of a job. `heard`: called with each message that the job's function says."""

    def __init__(self, row: Row, folder: Path, heard: Callable[[Row], None]) -> None:
        """Starts nothing before `run`."""
        self.row = row
        self.folder = folder
        self.pausing = False
        self._heard = heard
        self._process: asyncio.subprocess.Process | None = None

    async def run(self, keys: dict[str, str]) -> Row:
        """Run the job to its end, and return its last message: `ended`, `failed` or `paused`; {} if it just died."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PIANOLA_")}
        with (self.folder / "log.txt").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.jobs.child",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=environment,
                limit=LONGEST_LINE,
                start_new_session=True,
            )
        order = {name: self.row[name] for name in ("id", "app", "job", "arguments")}
        self._tell(order | {"folder": str(self.folder), "keys": keys})
        last: Row = {}
        while said := await self._read():
            if "at" in said or "title" in said:
                self._heard(said)
            else:
                last = said
        await self._process.wait()
        return last

    async def _read(self) -> Row:
        output = self._process.stdout if self._process else None
        line = await output.readline() if output else b""
        read: Any = json.loads(line) if line else {}
        return read if isinstance(read, dict) else {}

    def pause(self) -> None:
        """Let the job end at its next checkpoint."""
        self.pausing = True
        self._tell({"do": "pause"})

    async def end(self) -> None:
        """End the job and all that it started: first by SIGTERM, then by force."""
        if not self._process or self._process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _tell(self, message: Row) -> None:
        if self._process and self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
