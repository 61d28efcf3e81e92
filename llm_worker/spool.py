"""One file per generation: what was said of it, written before it is said.

So the text outlives the worker itself, killed at any moment. (Not a loss of power: there the store has the last word.)
A file is a row of msgpack values: `[name, model]`, then `[thinking, text]` for each token, then `[kind, body]` of the
message that ended it. A cut value at the end is ignored.
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
"""Files that stay, the newest ones."""

End = LlmFinished | LlmFailed
ENDS: dict[str, type[End]] = {LlmFinished.kind: LlmFinished, LlmFailed.kind: LlmFailed}


@dataclass(slots=True)
class Spooled:
    """What a file tells about a generation."""

    model: str
    pieces: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    end: End | None = None

    def take(self, first: bool | str, second: Any) -> None:
        """Add one value of the file."""
        if type(first) is str:
            self.end = ENDS[first].from_body(second)
        else:
            (self.thoughts if first else self.pieces).append(second)


class SpoolFile:
    """The file of a generation that runs. When the disk takes no more, it ends there; the answer goes on without it."""

    def __init__(self, path: Path, generation: str, model: str) -> None:
        """Make the file and write into it whose it is."""
        self.problem = ""
        """Why the file is not complete, "" while it is."""
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
        """Write the message that ends the generation, and close the file."""
        self._write([end.kind, end.body()])
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def _write(self, value: Any) -> None:
        """Write a value in one call, so that a kill leaves all of it or nothing."""
        if self.problem:
            return  # behind a gap nothing could be read
        data = msgpack.packb(value)
        try:
            if os.write(self._descriptor, data) < len(data):
                self.problem = "the disk is full"
        except OSError as error:
            self.problem = str(error)


class Spool:
    """The folder of all those files."""

    def __init__(self, folder: Path) -> None:
        """Forget the oldest files."""
        self._folder = folder
        self.prune()

    def open(self, generation: str, model: str) -> SpoolFile:
        """Begin the file of a new generation."""
        return SpoolFile(self._path(generation), generation, model)

    def read(self, generation: str) -> Spooled | None:
        """Return what is known of a generation, None when nothing is."""
        try:
            file = self._path(generation).open("rb")
        except FileNotFoundError:
            return None
        with file:
            return spooled(generation, msgpack.Unpacker(file))

    def _path(self, generation: str) -> Path:
        """Return the file of a generation. Names come from the bus: hashed, none can lead out of the folder."""
        return self._folder / f"{hashlib.sha256(generation.encode()).hexdigest()[:40]}.spool"

    def prune(self) -> None:
        """Delete all but the newest `KEPT` files."""
        files = sorted(self._folder.glob("*.spool"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[KEPT:]:
            file.unlink(missing_ok=True)


def spooled(generation: str, values: Iterator[Any]) -> Spooled | None:
    """Return what a file says, as far as it can be read; None when it is not of this generation."""
    found: Spooled | None = None
    try:
        name, model = next(values)
        if name != generation:
            return None
        found = Spooled(model)
        for value in values:
            found.take(*value)
    except (StopIteration, ValueError, TypeError, KeyError, BadMessage):
        return found
    return found
