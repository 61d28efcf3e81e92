"""A command that runs in a terminal of its own (a pty): a test types to it, and reads what it shows."""

import os
import pty
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.support.system import PATIENCE_SECONDS, ROOT

CTRL_C, CTRL_D = "\x03", "\x04"


class PseudoTerminal:
    """Runs a command; ends it by force if it is still there at the end."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """`command`: its first word is the path of a program."""
        self.shown = ""
        """All that it has shown."""
        self._read_to = 0
        self._code: int | None = None
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.chdir(ROOT)
            os.execve(command[0], list(command), {**environment, "TERM": "dumb"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._code is None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._terminal)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._terminal, text.encode())

    def until(self, text: str) -> str:
        """Wait until it shows a text; return what it has shown since the last such text, this one included."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := self.shown.find(text, self._read_to)) < 0:
            assert time.monotonic() < deadline, self.shown
            assert self._read(), self.shown
        begin, self._read_to = self._read_to, found + len(text)
        return self.shown[begin : self._read_to]

    def reads(self) -> None:
        """Wait until it sleeps, behind its prompt: Python loses a Ctrl-C that comes just before it begins to read."""
        stat = Path(f"/proc/{self._pid}/stat")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while stat.read_text().rpartition(")")[2].split()[0] != "S":
            assert time.monotonic() < deadline, self.shown

    def end(self) -> int:
        """Wait until the command ends; return its exit code."""
        while self._read():
            pass
        _, status = os.waitpid(self._pid, 0)
        self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def _read(self) -> bool:
        """Read what comes; return False when the command is over."""
        ready, _, _ = select.select([self._terminal], [], [], 1.0)
        try:
            read = os.read(self._terminal, 65_536).decode(errors="replace") if ready else ""
        except OSError:  # Linux says so when the last one has closed the other end
            return False
        self.shown += read.replace("\r\n", "\n")
        return bool(read) or not ready
