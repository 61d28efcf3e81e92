"""Print a line for the user at the terminal."""

import sys


def print_line(text: str) -> None:
    """Print a line. Do nothing when the terminal was closed."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError:
        return
