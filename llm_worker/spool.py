"""One file per generation: each token is written to it before it is said on the bus.

So the text survives when the worker is killed at any moment. It may not survive a power loss; only the store does.
A file is a sequence of msgpack values: `[name, model]`, then `[thinking, text]` for each token, then `[kind, body]` of
the message that ended the generation. An incomplete value at the end is ignored.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgpack

from bus.errors import BadMessage
from bus.messages import LlmFailed, LlmFinished

KEPT = 64
"""Number of files to keep, the newest ones."""

End = LlmFinished | LlmFailed
ENDS: dict[str, type[End]] = {LlmFinished.kind: LlmFinished, LlmFailed.kind: LlmFailed}


@dataclass(slots=True)
class Spooled:
    """The contents of a file."""

    model: str
    pieces: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    end: End | None = None

    def add(self, first: bool | str, second: Any) -> None:
        """Add one value of the file."""
        if type(first) is str:
            self.end = ENDS[first].from_body(second)
        else:
            (self.thoughts if first else self.pieces).append(second)


class SpoolFile:
    """The file of a running generation. When the disk is full, the file ends there; the answer goes on without it."""

    def __init__(self, path: Path, generation: str, model: str) -> None:
        """Create the file, and write the names of the generation and its model."""
        self.problem = ""
        """Why the file is incomplete; "" while it is complete."""
        self._descriptor = -1
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_TRUNC, 0o600)
        except OSError as error:
            self.problem = str(error)
        self._write([generation, model])

    def add(self, text: str, thinking: bool) -> None:
        """Write a token."""
        self._write([thinking, text])

    def finish(self, end: End) -> None:
        """Write the message that ended the generation, and close the file."""
        self._write([end.kind, end.body()])
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def _write(self, value: Any) -> None:
        """Write a value with one call, so that after a kill the file has all of it or nothing."""
        if self.problem:
            return  # nothing after a gap could be read
        data = msgpack.packb(value)
        try:
            if os.write(self._descriptor, data) < len(data):
                self.problem = "the disk is full"
        except OSError as error:
            self.problem = str(error)


class Spool:
    """The folder of these files."""

    def __init__(self, folder: Path) -> None:
        """Delete the oldest files."""
        self._folder = folder
        self.prune()

    def open(self, generation: str, model: str) -> SpoolFile:
        """Create the file of a new generation."""
        return SpoolFile(self._path(generation), generation, model)

    def read(self, generation: str) -> Spooled | None:
        """Return the contents of a generation's file, None if there is none."""
        try:
            file = self._path(generation).open("rb")
        except FileNotFoundError:
            return None
        with file:
            return read_values(generation, msgpack.Unpacker(file))

    def _path(self, generation: str) -> Path:
        """Return the path of a generation's file. Names come from the bus; a hash keeps each path inside the folder."""
        return self._folder / f"{hashlib.sha256(generation.encode()).hexdigest()[:40]}.spool"

    def prune(self) -> None:
        """Delete all but the newest `KEPT` files."""
        files = sorted(self._folder.glob("*.spool"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[KEPT:]:
            file.unlink(missing_ok=True)


def read_values(generation: str, values: Iterator[Any]) -> Spooled | None:
    """Return the contents of a file, as far as it can be read; None if it belongs to another generation."""
    found: Spooled | None = None
    try:
        name, model = next(values)
        if name != generation:
            return None
        found = Spooled(model)
        for value in values:
            found.add(*value)
    except (StopIteration, ValueError, TypeError, KeyError, BadMessage):
        return found
    return found
