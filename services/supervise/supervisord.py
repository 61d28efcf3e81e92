"""supervisord as `pianola up` runs it: it wakes at once, starts again with a bounded pause, and ends with its parent.

Plain supervisord looks around once a second: its first process starts after a second, each group takes a second to
stop, a dead process is started again up to two seconds later; and when its parent dies it lives on. Here every signal
(of a child's death, of the wish to stop) ends its sleep, and it looks at its parent at each turn.

It imports next to nothing of ours, to stay small, and holds the lock of its role by a descriptor that it inherits.
"""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from supervisor import events
from supervisor.medusa import asyncore_25 as asyncore
from supervisor.options import ServerOptions
from supervisor.states import ProcessStates, SupervisorStates
from supervisor.supervisord import Supervisor

LONGEST_PAUSE_SECONDS = 5.0
"""Between two starts of a process that cannot start: 1, 2, 3, 4, 5, 5, 5 … seconds."""


class Alarm(asyncore.file_dispatcher):  # type: ignore[misc]
    """A pipe among supervisord's sockets: a byte in it ends the sleep. Python writes one there at every signal."""

    def __init__(self) -> None:
        """Open the pipe and ask Python to write to it."""
        reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        super().__init__(reading)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)

    def ring(self) -> None:
        """End the next sleep at once."""
        os.write(self._writing, b"\0")

    def writable(self) -> bool:
        """Never: we only read."""
        return False

    def handle_read(self) -> None:
        """Empty the pipe."""
        self.recv(4096)


class Watchful(Supervisor):  # type: ignore[misc]
    """The supervisor with its alarm, its parent, and its count of starts."""

    def __init__(self, options: ServerOptions, starts_file: Path) -> None:
        """`starts_file`: where the number of starts of each process is kept, for `pianola status`."""
        super().__init__(options)
        self._parent = os.getppid()
        self._starts_file = starts_file
        self._starts: dict[str, int] = {}

    def runforever(self) -> None:
        """Supervise until told to stop."""
        self._alarm = Alarm()
        events.subscribe(events.ProcessStateStartingEvent, self._started)
        self._alarm.ring()
        super().runforever()

    def tick(self, now: float | None = None) -> None:
        """Take part in each turn of the loop, after the dead were found."""
        super().tick(now)
        if os.getppid() != self._parent and self.options.mood > SupervisorStates.SHUTDOWN:
            self.options.logger.warn("whoever started supervisord is gone: it ends")
            self.options.mood = SupervisorStates.SHUTDOWN
        for group in self.process_groups.values():
            for process in group.processes.values():
                self._hasten(process)

    def _hasten(self, process: Any) -> None:
        """Bound the pause before the next start, and let a process that died after a proper start return at once."""
        if process.state == ProcessStates.BACKOFF:
            process.delay = min(process.delay, time.time() + LONGEST_PAUSE_SECONDS)
        elif process.state == ProcessStates.EXITED and self.options.mood > SupervisorStates.SHUTDOWN:
            self._alarm.ring()

    def _started(self, event: Any) -> None:
        name = event.process.config.name
        self._starts[name] = self._starts.get(name, 0) + 1
        draft = self._starts_file.with_suffix(".draft")
        draft.write_text(json.dumps(self._starts))
        draft.replace(self._starts_file)


def main() -> int:
    """Read the configuration (`-c FILE`), and supervise until told to stop."""
    options = ServerOptions()
    options.realize()
    options.first, options.test = True, False
    starts_file = Path(options.configfile).with_name("starts.json")
    with suppress(asyncore.ExitNow):  # supervisord's way to say that all have ended
        Watchful(options, starts_file).main()
    options.close_httpservers()
    options.close_logger()
    return 0


if __name__ == "__main__":
    sys.exit(main())
