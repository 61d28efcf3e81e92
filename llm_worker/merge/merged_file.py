"""The file of a merged player: made by a process of its own, read by whoever sends it on, gone when it is closed."""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from llm_worker.contract import Pulled
from llm_worker.embedded.memory import in_words
from llm_worker.embedded.partial import RESERVE_BYTES
from llm_worker.player_cards import PlayerCard, check_adapter
from llm_worker.problems import DownloadFailed

CHUNK_BYTES = 1 << 20
GROWTH = 1.5
"""A merged file is at most so many times its base: matrices of 4 bits become 8."""
COPIES = 2
"""The file lies on the disk twice for a moment: here, and where Ollama keeps it."""


class MergedFile:
    """A file without a name, so that nothing of it stays, even if all processes are killed."""

    def __init__(self, card: PlayerCard, folder: Path) -> None:
        """`folder`: on whose disk it is made."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self._card = card
        self._folder = folder
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed by `__exit__`)
        self.size = 0
        self.sha256 = ""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let it go."""
        self._file.close()

    async def make(self, base: Path) -> AsyncGenerator[Pulled, None]:
        """Yield how far it is. Closing the generator ends the process. Raises `DownloadFailed`, or `BadCard`."""
        await asyncio.to_thread(check_adapter, self._card)
        self._check_room(base)
        merging = await self._start(base)
        said: dict[str, Any] = {}
        try:
            while line := await merging.stdout.readline() if merging.stdout else b"":
                said = json.loads(line)
                if "total" in said:
                    yield Pulled(said["done"], said["total"], "joining model and player")
        finally:
            if merging.returncode is None:
                with suppress(ProcessLookupError):
                    merging.kill()
            await merging.wait()
        if "sha256" not in said:
            ending = said.get("problem") or f"it ended with {merging.returncode} and said nothing"
            raise DownloadFailed(self._card.title, f"joining model and player failed ({ending})", WAY_OUT)
        self.size, self.sha256 = said["size"], said["sha256"]

    async def _start(self, base: Path) -> asyncio.subprocess.Process:
        descriptor = self._file.fileno()
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "llm_worker.merge", str(base), str(self._card.adapter_path), str(descriptor)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            pass_fds=(descriptor,),
        )

    def _check_room(self, base: Path) -> None:
        needed = round(base.stat().st_size * GROWTH * COPIES) + RESERVE_BYTES
        if needed > (free := shutil.disk_usage(self._folder).free):
            text = f"about {in_words(needed)} are needed for a moment, and {in_words(free)} are free"
            raise DownloadFailed(self._card.title, text, f"Make room where {self._folder} lies, then try again.")

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what is in it."""
        self._file.seek(0)
        while chunk := await asyncio.to_thread(self._file.read, CHUNK_BYTES):
            yield chunk


WAY_OUT = "Nothing of it was kept. Is there enough memory and room on the disk? Then try again."
