"""Restore again and again, killed at each moment: `python -m tests.support.crashing_restore HOME SOURCE FOLDER`.

For N = 0, 1, 2 … a copy of HOME is made as FOLDER/N. In it a child restores SOURCE, and dies by SIGKILL right before
its Nth step on the disk: opening, renaming, linking or removing a file there. It ends when a child was not killed.
"""

import os
import shutil
import signal
import sys
from itertools import count
from pathlib import Path
from typing import Any

from store.file.backup.restore import restore

STEPS = {"open", "os.rename", "os.remove", "os.link", "os.chmod", "os.truncate", "sqlite3.connect", "shutil.copyfile"}


def child(home: Path, source: Path, moment: int) -> None:
    """Restore in `home`, and die before a step."""
    numbers = count()

    def step(event: str, arguments: tuple[Any, ...]) -> None:
        if event in STEPS and str(home) in repr(arguments) and next(numbers) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(step)
    restore(source, home / "pianola.db", home / "backups")
    os._exit(0)


def main(home: Path, source: Path, folder: Path) -> None:
    """Make the copies, until a child is not killed."""
    for moment in count():
        copy = folder / str(moment)
        shutil.copytree(home, copy)
        if not (pid := os.fork()):
            child(copy, source, moment)
        _, status = os.waitpid(pid, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            return
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
