"""Become the program of a listener. supervisord starts us by the listener's name, and again when it ends."""

import os
import sys

from bus.errors import EXIT_REFUSED
from bus.settings import load
from services.supervise.listeners import file_of


def main() -> int:
    """Run its file in place of this process; return 3 when it is gone."""
    file = file_of(load(), sys.argv[1])
    if file.is_file():
        # it may import what lies beside it, as the user's programs do
        environment = {name: text for name, text in os.environ.items() if name != "PYTHONSAFEPATH"}
        os.execve(sys.executable, [sys.executable, str(file)], environment)  # noqa: S606 (the user's own program)
    sys.stderr.write(f"{file} is gone. `pianola restart` forgets it.\n")
    return EXIT_REFUSED


if __name__ == "__main__":
    sys.exit(main())
