"""What a command prints for the person at the terminal."""

import sys


def print_line(text: str) -> None:
    """Print a line; a terminal that is gone is no reason to fail."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError:
        return
