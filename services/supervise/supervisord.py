"""supervisord as `pianola up` runs it: it reacts at once, limits the pause before a restart, and stops with its parent.

Plain supervisord checks its processes once a second: the first process starts after a second, each group takes a
second to stop, a dead process is restarted up to two seconds later. And it keeps running when its parent dies. Here
every signal (a child died, stop) wakes it, and each turn of its loop checks the parent. Plain supervisord also ends
when a line cannot be written to its log (a full disk): here the line is dropped. And it binds its socket again when
somebody has removed the file.

It imports almost nothing of ours, to stay small. It holds the lock of its role through an inherited descriptor.
"""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from supervisor import events, loggers
from supervisor.medusa import asyncore_25 as asyncore
from supervisor.options import ServerOptions
from supervisor.states import ProcessStates, SupervisorStates
from supervisor.supervisord import Supervisor

from bus.processes.parent import VARIABLE, parent

LONGEST_PAUSE_SECONDS = 5.0
"""Longest pause between two starts of a process that cannot start: 1, 2, 3, 4, 5, 5, 5 … seconds."""


class DroppingStream:
    """A stream for people that drops what cannot be written."""

    def __init__(self, stream: Any) -> None:
        """`stream`: None if it was closed before we started."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, or drop it."""
        with suppress(OSError, ValueError, AttributeError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush the stream, or leave it."""
        with suppress(OSError, ValueError, AttributeError):
            self._stream.flush()


class DroppingLog(loggers.RotatingFileHandler):  # type: ignore[misc]  # supervisor has no types
    """A log file that drops what cannot be written, and goes on when there is room."""

    stream: Any
    """The open file."""

    def emit(self, record: Any) -> None:
        """Write a record, and rotate the file if it is large. The file may be closed: rotating it failed before."""
        with suppress(OSError, ValueError):
            if self.stream.closed:
                self.stream = open(self.baseFilename, "ab")  # noqa: SIM115 (stays open)
            super().emit(record)


class WakeUpPipe(asyncore.file_dispatcher):  # type: ignore[misc]
    """A pipe that supervisord watches like a socket. A byte in it wakes the loop; Python writes one at every signal."""

    def __init__(self) -> None:
        """Open the pipe, and make Python write to it at every signal."""
        reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        super().__init__(reading)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)

    def wake(self) -> None:
        """Make the next wait of the loop end at once."""
        os.write(self._writing, b"\0")

    def writable(self) -> bool:
        """Return False: this end is only read."""
        return False

    def handle_read(self) -> None:
        """Empty the pipe."""
        self.recv(4096)


class PianolaSupervisor(Supervisor):  # type: ignore[misc]
    """supervisord that wakes at signals, stops with its parent, and counts the starts of each process."""

    def __init__(self, options: ServerOptions, starts_file: Path) -> None:
        """`starts_file`: gets the number of starts of each process, for `pianola status`."""
        super().__init__(options)
        self._parent = parent()
        os.environ[VARIABLE] = str(os.getpid())  # for the processes that are started from here
        self._starts_file = starts_file
        self._starts: dict[str, int] = {}

    def runforever(self) -> None:
        """Supervise until told to stop."""
        self._wake_up = WakeUpPipe()
        events.subscribe(events.ProcessStateStartingEvent, self._started)
        self._wake_up.wake()
        super().runforever()

    def tick(self, now: float | None = None) -> None:
        """Run in each turn of the loop, after supervisord has found the processes that ended."""
        super().tick(now)
        if os.getppid() != self._parent and self.options.mood > SupervisorStates.SHUTDOWN:
            self.options.logger.warn("the process that started supervisord is gone: supervisord stops")
            self.options.mood = SupervisorStates.SHUTDOWN
        self._bind_again()
        for group in self.process_groups.values():
            for process in group.processes.values():
                self._shorten_pause(process)

    def _bind_again(self) -> None:
        """Open our socket again if somebody has removed its file: `pianola status` asks through it."""
        socket_file = Path(self.options.server_configs[0]["file"])
        if socket_file.exists() or self.options.mood <= SupervisorStates.SHUTDOWN:
            return
        with suppress(OSError, ValueError):
            self.options.close_httpservers()
            self.options.httpservers = self.options.make_http_servers(self)

    def _shorten_pause(self, process: Any) -> None:
        """Limit the pause before the next start; restart a process that had started properly at once."""
        if process.state == ProcessStates.BACKOFF:
            process.delay = min(process.delay, time.time() + LONGEST_PAUSE_SECONDS)
        elif process.state == ProcessStates.EXITED and self.options.mood > SupervisorStates.SHUTDOWN:
            self._wake_up.wake()

    def _started(self, event: Any) -> None:
        name = event.process.config.name
        self._starts[name] = self._starts.get(name, 0) + 1
        draft = self._starts_file.with_suffix(".draft")
        with suppress(OSError):  # a full disk: the number is only shown
            draft.write_text(json.dumps(self._starts))
            draft.replace(self._starts_file)


def main() -> int:
    """Read the configuration (`-c FILE`), and supervise until told to stop."""
    sys.stdout, sys.stderr = DroppingStream(sys.stdout), DroppingStream(sys.stderr)
    loggers.RotatingFileHandler = DroppingLog  # `loggers.handle_file` makes one for each log
    options = ServerOptions()
    options.realize()
    options.first, options.test = True, False
    starts_file = Path(options.configfile).with_name("starts.json")
    with suppress(asyncore.ExitNow):  # raised by supervisord when all processes have ended
        PianolaSupervisor(options, starts_file).main()
    options.close_httpservers()
    options.close_logger()
    return 0


if __name__ == "__main__":
    sys.exit(main())
