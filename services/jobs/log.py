"""The log of a job, from inside its process: what it prints goes through a pipe into a file that stays small."""

import os
import sys
import threading
from contextlib import suppress

MOST_BYTES = 1_000_000
"""Size of the file. What comes beyond it takes the place of the oldest half."""
CUT = b"(older lines were removed)\n"
END_SECONDS = 1.0


class Log:
    """Copies what the process and its children print to the file that is its stderr at first."""

    def __init__(self) -> None:
        """Take over both outputs."""
        self._file = os.dup(2)
        reading, writing = os.pipe()
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.close(writing)
        self._thread = threading.Thread(target=self._copy, args=(reading,), daemon=True)
        self._thread.start()

    @property
    def file(self) -> int:
        """The descriptor of the file itself, for what must be written while the process crashes."""
        return self._file

    def close(self) -> None:
        """Wait a moment until what was printed is in the file."""
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        self._thread.join(END_SECONDS)

    def _copy(self, reading: int) -> None:
        while data := os.read(reading, 65_536):
            with suppress(OSError):  # a full disk: the job goes on without its log
                self._make_room(len(data))
                os.write(self._file, data)

    def _make_room(self, size: int) -> None:
        present = os.fstat(self._file).st_size
        if present + size <= MOST_BYTES:
            return
        path = f"/dev/fd/{self._file}"
        with open(path, "rb") as file:
            file.seek(max(0, present - MOST_BYTES // 2))
            newest = file.read(MOST_BYTES // 2)
        os.ftruncate(self._file, 0)
        os.write(self._file, CUT + newest.partition(b"\n")[2])
