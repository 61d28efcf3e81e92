"""Read the Procfile, the list of all processes."""

import re
from pathlib import Path

from bus.code.folder import CODE
from bus.embedded.files import PROCESS as ENGINE
from bus.embedded.files import installed
from bus.errors import PianolaError
from bus.mcp import package as mcp

LAB = "lab"
"""The name of JupyterLab in the Procfile."""
BESIDE = (ENGINE, LAB, mcp.PROCESS)
"""What is started only where it was installed or asked for."""

LINE = re.compile(r"([a-z][a-z0-9_]*):\s*python -m (\S.*)")


class BadProcfile(PianolaError):
    """A line of the Procfile cannot be read."""

    def __init__(self, file: Path, line: str) -> None:
        super().__init__(f"{file} has the line {line!r}. Expected: `name: python -m module`.")


def read(file: Path = CODE / "Procfile") -> dict[str, str]:
    """Return the processes that all need: the name of each, and what follows `python -m`, in the order of the file."""
    return {name: module for name, module in read_all(file).items() if name not in BESIDE}


def beside(file: Path = CODE / "Procfile", *, lab: bool = False) -> dict[str, str]:
    """Return, in the same form, what is started and restarted but what nobody waits for.

    The embedded engine, and the door for programs (mcp), if their packages are installed: so they take no memory of
    those who do not use them. And JupyterLab, if the user asks for the `lab`.
    """
    wanted = {ENGINE: installed(), LAB: lab, mcp.PROCESS: mcp.installed()}
    return {name: module for name, module in read_all(file).items() if wanted.get(name)}


def read_all(file: Path) -> dict[str, str]:
    """Return all processes of the file."""
    processes = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        matched = LINE.fullmatch(line.strip())
        if not matched:
            raise BadProcfile(file, line)
        processes[matched[1]] = matched[2]
    return processes
