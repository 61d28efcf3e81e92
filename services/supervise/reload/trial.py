"""Import modules as a trial, in a process of its own: `python trial.py ROOT MODULE …`.

Prints what is wrong as one line, and leaves with 1; nothing and 0 if all can be imported.
"""

import asyncio
import importlib
import os
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path

LONGEST_SECONDS = 20.0


async def problem_of(modules: Iterable[str], root: Path) -> str:
    """Return what is wrong with the modules below `root`, "" if they can be imported."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        str(root),
        *modules,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONSAFEPATH": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"importing it takes more than {LONGEST_SECONDS:.0f} s"
    if process.returncode == 0:
        return ""
    return said.decode(errors="replace").strip().rpartition("\n")[2] or f"importing it ended with {process.returncode}"


def in_words(error: BaseException, root: Path) -> str:
    """Return an error as one line: file, line, and what is wrong."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_short(error.filename, root)}, line {error.lineno}: {error.msg}"
    frames = [one for one in traceback.extract_tb(error.__traceback__) if Path(one.filename).is_relative_to(root)]
    where = f"{_short(frames[-1].filename, root)}, line {frames[-1].lineno}: " if frames else ""
    return " ".join(f"{where}{type(error).__name__}: {error}".split())


def _short(file: str, root: Path) -> str:
    path = Path(file)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else file


def main() -> int:
    """Import the modules that the arguments name, after the root."""
    root, modules = Path(sys.argv[1]), sys.argv[2:]
    for name in modules:
        try:
            importlib.import_module(name)
        except BaseException as error:  # whatever a module raises when it is imported
            sys.stdout.write(f"{in_words(error, root)}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
