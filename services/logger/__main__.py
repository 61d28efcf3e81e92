"""The logger: hears everything, says nothing but its own beat. It writes one line per message to rotating files.

The grown-up form of examples/subscriber.py, and its model: nobody waits for it. What it missed, because it was slow or
the bus was away, it sees by the numbers of the senders, and says so in the log.
"""

import os
import sys

from bus.service import Service, run
from services.logger.lines import LogLines
from services.logger.log_file import LogFile

NAME = "logger"
NICENESS = 10
"""Steps that the logger goes back behind the processes on a token's way."""

REST_SECONDS = 0.1
"""Between two looks at the bus: fifty tokens a second are no reason to wake fifty times."""


async def serve(service: Service) -> None:
    """Write down what is heard, a batch at a time, until told to stop."""
    os.nice(NICENESS)
    log_lines, log_file = LogLines(), LogFile(service.settings.logs / "bus.log")
    lines: list[str] = []

    def write_down() -> None:
        if lines:
            log_file.write(lines)
            lines.clear()

    service.bus.hear_everything(lambda frames: lines.extend(log_lines.lines(frames)))
    service.bus.on_drained = write_down
    await service.ready()
    service.bus.pause_between_batches(REST_SECONDS)
    await service.stopped()
    lines.extend(log_lines.rest())
    write_down()
    log_file.close()


def main() -> int:
    """Serve as the process `logger`."""
    return run(NAME, serve)


if __name__ == "__main__":
    sys.exit(main())
