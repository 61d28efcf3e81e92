"""A log file that rotates and is private. When it cannot write, it counts the lost lines; the process goes on."""

import os
from pathlib import Path

from services.logger.formats import Format, TextFormat

LARGEST_BYTES = 5 * 1024 * 1024
KEPT = 3
"""Older files kept beside the current one: `bus.log.1` is the newest of them."""


class LogFile:
    """Appends lines to `path`. The standard library's handler is not used: after an error it leaves half a line."""

    def __init__(
        self, path: Path, largest_bytes: int = LARGEST_BYTES, kept: int = KEPT, form: Format | None = None
    ) -> None:
        """`largest_bytes`: size at which a file is rotated; `kept`: number of older files to keep.

        `form`: how the line about lost lines looks; None: as text.
        """
        self._form = form or TextFormat()
        self.lost = 0
        """Lines that could not be written since the last successful write."""
        self._path, self._largest, self._kept = path, largest_bytes, kept
        self._file = -1
        self._size = 0

    def write(self, lines: list[str]) -> None:
        """Append the lines with one write. If it fails (disk full, path blocked), count them as lost."""
        if self.lost:
            lines = [self._form.lost(self.lost), *lines]
        data = "".join(f"{line}\n" for line in lines).encode(errors="replace")
        try:
            self._append(data)
        except OSError:
            self.lost += len(lines) - (self.lost > 0)
            self.close()
        else:
            self.lost = 0

    def close(self) -> None:
        """Close the file. The next write opens it again."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _append(self, data: bytes) -> None:
        if self._file < 0:
            self._open()
        if self._size and self._size + len(data) > self._largest:
            self._rotate()
        written = os.write(self._file, data)
        if written < len(data):
            os.ftruncate(self._file, self._size)  # take back half a batch: it would look complete
            raise OSError(f"only {written} of {len(data)} bytes were written")
        self._size += written

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        self._file = os.open(self._path, flags, 0o600)
        self._size = os.fstat(self._file).st_size

    def _rotate(self) -> None:
        self.close()
        for number in range(self._kept, 0, -1):
            older = self._numbered(number - 1)
            if older.exists():
                older.replace(self._numbered(number))
        self._open()

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path
