"""The logger: hears every message; says nothing but its own beat. Writes one line per message to rotating files.

It is an example of an attached subscriber, like examples/subscriber.py but complete: nobody waits for it. It detects
missed messages by the numbers of each sender, and writes to the log how many were missed.
"""

import os
import sys

from bus.service import Service, run
from services.logger.formats import FORMATS
from services.logger.lines import LogLines
from services.logger.log_file import LogFile

NAME = "logger"
NICENESS = 10
"""Added to its niceness, so that processes that pass tokens on get the CPU first."""

READ_EVERY_SECONDS = 0.1
"""Pause between two batches, so that fifty tokens per second do not wake the process fifty times."""


async def serve(service: Service) -> None:
    """Write messages to the log, batch by batch, until told to stop."""
    os.nice(NICENESS)
    form = FORMATS[service.settings.log_format]()
    log_lines, log_file = LogLines(form), LogFile(service.settings.logs / "bus.log", form=form)
    lines: list[str] = []

    def write_batch() -> None:
        if lines:
            log_file.write(lines)
            lines.clear()

    service.bus.hear_everything(lambda frames: lines.extend(log_lines.lines(frames)))
    service.bus.on_drained = write_batch
    await service.ready()
    service.bus.pause_between_batches(READ_EVERY_SECONDS)
    await service.stopped()
    lines.extend(log_lines.remaining())
    write_batch()
    log_file.close()


def main() -> int:
    """Run until SIGTERM."""
    return run(NAME, serve)


if __name__ == "__main__":
    sys.exit(main())
