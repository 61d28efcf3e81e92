"""Print a line for the user at the terminal."""

import os
import sys


def print_line(text: str) -> None:
    """Print a line. Do nothing when the terminal was closed."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError:
        return


def discard_output() -> None:
    """Send the rest of our output nowhere, because its reader is gone. Else Python complains when it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
