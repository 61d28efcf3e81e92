"""The file `keys.toml`: `NAME = "key"`, one line for each server that wants one.

The worker reads it, the page's process writes it. A file that other users could read is used by nobody. No error shows
any part of a key.
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bus.errors import PianolaError
from bus.servers.tables import save_private, text_of

MAX_BYTES = 64 * 1024
"""No more of the file is read."""
MAX_KEY_CHARACTERS = 4096


class BadKeyFile(PianolaError):
    """The file of keys cannot be used as it is; nothing in it was touched."""

    def __init__(self, file: Path, problem: str, way_out: str) -> None:
        super().__init__(f"{file} {problem}. {way_out}.")


def read_keys(file: Path) -> dict[str, Any]:
    """Return what is in the file, {} when there is none; the values are not checked. Raises `BadKeyFile`."""
    try:
        with file.open("rb") as opened:
            _check_private(file, os.fstat(opened.fileno()))
            return tomllib.loads(opened.read(MAX_BYTES).decode())
    except FileNotFoundError:
        return {}
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise BadKeyFile(file, problem, "Make it a file of your own, or move it away") from None
    except ValueError:  # the error of the parser could show a part of a key
        way_out = 'Write one line for each server: NAME = "the key"'
        raise BadKeyFile(file, "is not written as TOML", way_out) from None


def save_keys(file: Path, keys: Mapping[str, str]) -> None:
    """Write all keys: NAME to key. The file is replaced as a whole, and nobody else can read it at any moment."""
    save_private(file, "".join(f"{name} = {text_of(key)}\n" for name, key in keys.items()))


def _check_private(file: Path, found: os.stat_result) -> None:
    """Raise `BadKeyFile` unless the file is an ordinary one that belongs to this user alone."""
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        raise BadKeyFile(file, "is no ordinary file of your own", "Move it away, then give the keys again")
    if mode & 0o077:
        problem = f"can be read by other users (mode {mode:04o}): no key in it is used"
        raise BadKeyFile(file, problem, f"Run `chmod 600 {file}`")
