"""The file of a download before it is complete: `NAME.gguf.part`, and beside it which file it is a part of."""

import asyncio
import errno
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import IO, Any

from llm_worker.embedded.gguf import BadGguf, read_header
from llm_worker.embedded.memory import in_words
from llm_worker.problems import DownloadFailed

CHUNK_BYTES = 1 << 20
RESERVE_BYTES = 100_000_000
"""So much of the disk stays free."""


class PartialFile:
    """What has come of a file. Nothing of two different files is ever joined."""

    def __init__(self, target: Path, model: str) -> None:
        """`target`: the whole file, once it is there. `model`: for the sentences of errors."""
        self._target = target
        self._model = model
        self._part = target.with_name(f"{target.name}.part")
        self._about = target.with_name(f"{target.name}.part.json")
        self._opened: IO[bytes] | None = None
        self._hash = hashlib.sha256()
        self.size = 0
        """Bytes that are there."""

    @property
    def etag(self) -> str:
        """What the host called the version that is there in part; "" when nothing can be continued."""
        try:
            known: Any = json.loads(self._about.read_text(encoding="utf-8"))["etag"]
            return str(known) if self._part.stat().st_size else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    @property
    def length(self) -> int:
        """Bytes that were there before it was opened."""
        try:
            return self._part.stat().st_size
        except OSError:
            return 0

    async def open(self, *, continued: bool, etag: str, total: int) -> None:
        """Begin to write, behind what is there or from the start. `etag`: of what comes; `total`: bytes of the file."""
        with self.told():
            self._target.parent.mkdir(mode=0o700, exist_ok=True)
            if not continued:
                self._part.unlink(missing_ok=True)
            self._about.write_text(json.dumps({"etag": etag}), encoding="utf-8")
            self._opened = self._part.open("ab")
            self.size = await asyncio.to_thread(self._read_what_is_there) if continued else 0
            missing, free = total - self.size, shutil.disk_usage(self._target.parent).free
        if missing + RESERVE_BYTES > free:
            raise self._no_room(f"{in_words(missing)} are still to come, and {in_words(free)} are free")

    def _read_what_is_there(self) -> int:
        size = 0
        with self._part.open("rb") as part:
            while chunk := part.read(CHUNK_BYTES):
                self._hash.update(chunk)
                size += len(chunk)
        return size

    def write(self, chunk: bytes) -> None:
        """Add what has come."""
        with self.told():
            if self._opened:
                self._opened.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    async def complete(self, total: int, sha256: str) -> None:
        """Check the file, and give it its name. `total`, `sha256`: as expected; 0 and "" where nobody told."""
        with self.told():
            await asyncio.to_thread(self._flush)
            if total and self.size < total:
                raise DownloadFailed(self._model, f"the connection ended after {self.size:,} of {total:,} bytes")
            self._check(total, sha256)
            await asyncio.to_thread(self._check_head)
            self._about.unlink(missing_ok=True)
            self._part.replace(self._target)
            sync_folder(self._target.parent)

    def _check(self, total: int, sha256: str) -> None:
        found = self._hash.hexdigest()
        if self.size == (total or self.size) and found == (sha256 or found):
            return
        self.discard()
        came = f"{self.size:,} bytes with the SHA-256 {found} came"
        expected = f"{total:,} bytes with the SHA-256 {sha256 or found} were expected"
        raise DownloadFailed(self._model, f"{came}, and {expected}", THROWN_AWAY)

    def _check_head(self) -> None:
        try:
            read_header(self._part)
        except BadGguf as bad:
            self.discard()
            raise DownloadFailed(self._model, str(bad), THROWN_AWAY) from bad

    def _flush(self) -> None:
        if self._opened:
            self._opened.flush()
            os.fsync(self._opened.fileno())

    def close(self) -> None:
        """Close the file; what has come is kept."""
        if self._opened:
            with self.told():
                self._opened.close()

    def discard(self) -> None:
        """Throw away what has come."""
        if self._opened:
            self._opened.close()
        self._part.unlink(missing_ok=True)
        self._about.unlink(missing_ok=True)

    # --- errors of the disk ---

    def told(self) -> "Told":
        """Return the block in which an error of the disk becomes a sentence."""
        return Told(self)

    def problem(self, error: OSError) -> DownloadFailed:
        """Return the sentence for an error of the disk."""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return self._no_room(f"the disk is full after {self.size:,} bytes")
        return DownloadFailed(
            self._model, f"{self._part} cannot be written: {error.strerror}", "Correct that, then try again."
        )

    def _no_room(self, text: str) -> DownloadFailed:
        way_out = f"Make room where {self._target.parent} lies, then try again: it goes on where it ended."
        return DownloadFailed(self._model, text, way_out)


THROWN_AWAY = "What had come was thrown away. Try again; if it happens again, the host has another file than we expect."


class Told:
    """A block in which an error of the disk becomes a sentence."""

    def __init__(self, file: PartialFile) -> None:
        """`file`: which builds the sentence."""
        self._file = file

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Raise the sentence instead of the error."""
        if isinstance(error, OSError):
            raise self._file.problem(error) from error


def sync_folder(folder: Path) -> None:
    """See that a new name in a folder survives a loss of power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
