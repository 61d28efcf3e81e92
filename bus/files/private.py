"""Private files: written with the mode 0600, and used only while no other user can read them."""

import os
import stat
from pathlib import Path
from typing import ClassVar

from bus.errors import PianolaError


class BadPrivateFile(PianolaError):
    """A private file cannot be used as it is; nothing in it was touched. Each kind of file has an error of its own."""

    unused: ClassVar[str] = "nothing in it is used"
    """What it means that others can read the file."""
    renew: ClassVar[str] = "write it again"
    """How the user gets a new file."""

    def __init__(self, file: Path, problem: str, way_out: str) -> None:
        super().__init__(f"{file} {problem}. {way_out}.")


def is_private(found: os.stat_result) -> bool:
    """Return whether this is an ordinary file that belongs to this user alone."""
    return _is_own_file(found) and not stat.S_IMODE(found.st_mode) & 0o077


def read_private(file: Path, most_bytes: int, error: type[BadPrivateFile]) -> bytes:
    """Return what is in a private file, at most so many bytes.

    Raises `error` if it is not private or cannot be read, `FileNotFoundError` if there is none.
    """
    try:
        with file.open("rb") as opened:
            _check_private(file, os.fstat(opened.fileno()), error)
            return opened.read(most_bytes)
    except FileNotFoundError:
        raise
    except OSError as problem:
        words = f"cannot be read: {problem.strerror}"
        raise error(file, words, "Make it a file of your own, or move it away") from None


def save_private(file: Path, text: str) -> None:
    """Replace a file by one of the mode 0600, as a whole: nobody else can read it at any moment."""
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    new.replace(file)


def _is_own_file(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()


def _check_private(file: Path, found: os.stat_result, error: type[BadPrivateFile]) -> None:
    if not _is_own_file(found):
        raise error(file, "is no ordinary file of your own", f"Move it away, and {error.renew}")
    if not is_private(found):
        problem = f"can be read by other users (mode {stat.S_IMODE(found.st_mode):04o}): {error.unused}"
        raise error(file, problem, f"Run `chmod 600 {file}`, and {error.renew} if somebody may have read it")
