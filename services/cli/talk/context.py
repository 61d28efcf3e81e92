"""What is piped into `pianola ask`: quoted behind the question, so that no word in it can order anything."""

import os
import stat
import sys
import threading
from collections.abc import Callable

from bus.errors import PianolaError

MOST_CHARACTERS = 20_000
"""Longer ones fit into few models. The user shall say what to leave out."""
PATIENCE_SECONDS = 2.0
WAITS = "waits for the end of its standard input, which goes with the question; `< /dev/null` for none."


class TooLong(PianolaError):
    """More was piped in than goes with a question."""

    def __init__(self) -> None:
        super().__init__(
            f"the standard input has more than {MOST_CHARACTERS:,} characters, which is too long to go with a "
            f"question. Give a part of it, for example: … | tail -c {MOST_CHARACTERS} | pianola ask …"
        )


def with_context(question: str, context: str) -> str:
    """Return a question with the context behind it, as quoted lines."""
    if not context.strip():
        return question
    lines = "\n".join(f"> {line}".rstrip() for line in context.strip("\n").splitlines())
    return f"{question}\n\n{lines}"


def piped(print_problem: Callable[[str], None]) -> str:
    """Return what is piped in, or comes from a file; "" at a terminal. Raise `TooLong`."""
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISREG(mode)):
        return ""
    told = threading.Timer(PATIENCE_SECONDS, print_problem, [WAITS])
    told.daemon = True
    told.start()
    try:
        read = sys.stdin.buffer.read(MOST_CHARACTERS * 4 + 1)  # of UTF-8: a character has four bytes at most
    finally:
        told.cancel()
    text = read.decode(errors="replace")
    if len(text) > MOST_CHARACTERS:
        raise TooLong
    return text
