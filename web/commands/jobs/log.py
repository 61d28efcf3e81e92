"""Read the end of a job's log, which the process of jobs writes into the job's folder."""

from pathlib import Path

LOG = "log.txt"
MOST_BYTES = 64 * 1024
MOST_LINES = 200


def last_lines(folder: Path) -> str:
    """Return the last lines of the log; "" when there is none."""
    try:
        with (folder / LOG).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - MOST_BYTES))
            text = file.read(MOST_BYTES).decode(errors="replace")
    except FileNotFoundError:
        return ""
    lines = text.splitlines()
    if size > MOST_BYTES:
        del lines[0]  # it begins somewhere in the middle
    return "\n".join(lines[-MOST_LINES:])
