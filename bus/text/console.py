"""Print for the user at the terminal, whatever the terminal can show, and also when it is gone."""

import codecs
import os
import sys
from typing import Any

EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141
"""Exit codes of a command that Ctrl-C has ended, or whose reader is gone (`| head -1`): as shells count them."""

LIKENESS = str.maketrans(
    {"…": "...", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "·": "*", "→": "->", "×": "x"}
)
"""What stands for our typographic characters where the encoding of the output lacks them."""


def open_outputs() -> None:
    """Make standard input, output and error usable, whatever we were started with.

    One that is closed (`>&-`) goes nowhere from now on: else the next file that is opened would take its place, and get
    what is printed. What the encoding of the terminal lacks is written in other letters, not refused.
    """
    for number, mode in enumerate("rww"):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            os.set_inheritable(number, True)  # also where `open` gave this number: processes that we start print, too
        name = ("stdin", "stdout", "stderr")[number]
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, closefd=False, encoding="utf-8"))  # noqa: SIM115 (stays open)
    codecs.register_error("pianola", _in_other_letters)
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="pianola")


def _in_other_letters(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end].translate(LIKENESS)
    return missing.encode("ascii", "backslashreplace").decode("ascii"), error.end


def print_line(text: str) -> None:
    """Print a line. Do nothing when the terminal or the pipe was closed, or the disk with the output file is full."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
    except (OSError, ValueError):
        return


def discard_output() -> None:
    """Send the rest of our output nowhere, because its reader is gone. Else Python complains when it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def tell_unwritten(problem: OSError) -> None:
    """Say that the output could not be written, for example because the disk is full; send the rest nowhere."""
    discard_output()
    sys.stderr.write(f"pianola: the output cannot be written whole: {problem.strerror}.\n")
