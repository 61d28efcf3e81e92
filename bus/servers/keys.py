"""The file `keys.toml`: `NAME = "key"`, one line for each server that wants one.

The worker reads it, the page's process writes it. A file that other users could read is used by nobody. No error shows
any part of a key.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bus.files.private import BadPrivateFile, read_private, save_private
from bus.servers.tables import text_of

MAX_BYTES = 64 * 1024
"""No more of the file is read."""
MAX_KEY_CHARACTERS = 4096


class BadKeyFile(BadPrivateFile):
    """The file of keys cannot be used as it is; nothing in it was touched."""

    unused = "no key in it is used"
    renew = "give the keys again"


def read_keys(file: Path) -> dict[str, Any]:
    """Return what is in the file, {} when there is none; the values are not checked. Raises `BadKeyFile`."""
    try:
        text = read_private(file, MAX_BYTES, BadKeyFile).decode()
        import tomllib  # noqa: PLC0415 (as in `tables.py`)

        return tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except ValueError:  # the error of the parser could show a part of a key
        way_out = 'Write one line for each server: NAME = "the key"'
        raise BadKeyFile(file, "is not written as TOML", way_out) from None


def save_keys(file: Path, keys: Mapping[str, str]) -> None:
    """Write all keys: NAME to key. The file is replaced as a whole, and nobody else can read it at any moment."""
    save_private(file, "".join(f"{name} = {text_of(key)}\n" for name, key in keys.items()))
