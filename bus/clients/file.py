"""The file `clients.json` of the data folder, 0600: the clients' keys as hashes.

`pianola key` writes it, whether Pianola runs or not; the web process reads it again when it changes. A file that other
users can read opens nothing.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

from bus.clients.keys import BadKey, ClientKey
from bus.files.private import BadPrivateFile, read_private, save_private

LARGEST_BYTES = 1024 * 1024
MOST_KEYS = 200


class BadClientFile(BadPrivateFile):
    """The file of the clients' keys cannot be used as it is; nothing in it was touched."""

    unused = "no key in it opens anything"
    renew = "make the keys again"


def read_clients(file: Path) -> tuple[ClientKey, ...]:
    """Return all keys, () when there is no file. Raises `BadClientFile`."""
    try:
        kept = json.loads(read_private(file, LARGEST_BYTES, BadClientFile))
        return tuple(_key_of(one) for one in kept["keys"])
    except FileNotFoundError:
        return ()
    except (ValueError, TypeError, KeyError, RecursionError):  # their words could show a part of the file
        raise BadClientFile(file, "does not hold keys", "Move it away, and make the keys again") from None


def add_client(file: Path, key: ClientKey) -> None:
    """Add a key. Raises `BadKey` when there is one of this name, or there are too many."""
    with _changing(file) as keys:
        if any(one.name == key.name for one in keys):
            way_out = f"Revoke it first (`pianola key revoke {key.name}`), or choose another name."
            raise BadKey(f"there is a key {key.name} already. {way_out}")
        if len(keys) >= MOST_KEYS:
            raise BadKey(f"there are {len(keys)} keys, and more are not kept. Revoke some.")
        _save(file, [*keys, key])


def remove_client(file: Path, name: str) -> None:
    """Remove a key: it opens nothing any more. Raises `BadKey` when there is none of this name."""
    with _changing(file) as keys:
        if all(one.name != name for one in keys):
            known = ", ".join(one.name for one in keys) or "none"
            raise BadKey(f"there is no key {name!r:.60}. Keys: {known}.")
        _save(file, [one for one in keys if one.name != name])


@contextmanager
def _changing(file: Path) -> Iterator[tuple[ClientKey, ...]]:
    """Read the keys, and keep other commands from changing them meanwhile."""
    lock = os.open(file.with_name(f"{file.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield read_clients(file)
    finally:
        os.close(lock)


def _save(file: Path, keys: list[ClientKey]) -> None:
    save_private(file, json.dumps({"keys": [asdict(one) for one in keys]}, indent=2))


def _key_of(kept: dict[str, Any]) -> ClientKey:
    values = {one.name: kept[one.name] for one in fields(ClientKey) if one.name in kept or one.default is MISSING}
    texts = (values["name"], values["digest"], *values["tables"])
    flags = values["read_only"], values.get("calendar", False)
    if not all(type(one) is str for one in texts) or not all(type(one) is bool for one in flags):
        raise TypeError
    times = {name: float(values[name]) for name in ("made", "expires")}
    return ClientKey(**{**values, **times, "tables": tuple(values["tables"])})
