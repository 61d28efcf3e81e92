"""The version of our code on the disk. An update may replace it while processes of the version before still run."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from bus.code.folder import CODE
from bus.errors import PianolaError

STARTED = "PIANOLA_CODE"
"""The variable of the environment in which `pianola up` tells its processes the state of the code when it started."""
UNKNOWN = "unknown"


class Updated(PianolaError):
    """The files of another version have replaced those with which everything was started."""

    def __init__(self, started: str, present: str) -> None:
        super().__init__(
            f"version {present} has been installed while {started} runs, and the two are not mixed. `pianola restart` "
            "finishes the update."
        )


def version(root: Path = CODE) -> str:
    """Return the version that the files have now; `UNKNOWN` while they are being replaced."""
    try:
        text = (root / "pyproject.toml").read_text(encoding="utf-8")
    except OSError:
        return UNKNOWN
    found = re.search(r'^version = "(.+)"$', text, re.MULTILINE)
    return found[1] if found else UNKNOWN


def check_version(environment: Mapping[str, str] = os.environ) -> None:
    """Raise `Updated` in a process that was to be started beside others of another version."""
    started, present = environment.get(STARTED, "").partition(" ")[0], version()
    if started and started != present:
        raise Updated(started, present)
