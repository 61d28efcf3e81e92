"""Read the Procfile, the list of all processes."""

import re
from pathlib import Path

from bus.errors import PianolaError

CHECKOUT = Path(__file__).parent.parent.parent
"""The folder with the Procfile and the code."""

LINE = re.compile(r"([a-z][a-z0-9_]*):\s*python -m (\S.*)")


class BadProcfile(PianolaError):
    """A line of the Procfile cannot be read."""

    def __init__(self, file: Path, line: str) -> None:
        super().__init__(f"{file} has the line {line!r}. Expected: `name: python -m module`.")


def read(file: Path = CHECKOUT / "Procfile") -> dict[str, str]:
    """Return the name of each process and what follows `python -m`, in the order of the file."""
    processes = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        matched = LINE.fullmatch(line.strip())
        if not matched:
            raise BadProcfile(file, line)
        processes[matched[1]] = matched[2]
    return processes
