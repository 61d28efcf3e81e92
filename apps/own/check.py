"""Try out a version of an app in a process of its own: `python -m apps.own.check COPY`.

So a file that loops when it is imported, or ends the process, stops nobody else. Writes one line of JSON, a map with
`problem` ("" if it works), to what was its standard output.
"""

import json
import os
import sys
from pathlib import Path

from apps.calls.calls import Calls
from apps.calls.timer import Timer
from apps.own.loading import load_copy

LOAD_SECONDS = 5.0
"""Longest load of one file of the app."""


def main(arguments: list[str]) -> int:
    """Load all files of the copy; say how that ended."""
    out = os.dup(1)
    os.dup2(2, 1)  # what the app prints is no answer
    app = load_copy(Path(arguments[0]), ("agent", "web"), Calls(Timer()), LOAD_SECONDS)
    os.write(out, json.dumps({"problem": app.problem}).encode())
    sys.stdout.flush()
    os._exit(0)  # without waiting for threads that the app may have started


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
