"""`pianola python …`: run Python so that it imports our code, for the tests of other people's apps.

Outside our own processes our code is not in the path: docs/decisions/distribution.md.
"""

import argparse
import os
import sys
from typing import NoReturn

from bus.code.folder import with_code


def run(arguments: argparse.Namespace) -> NoReturn:
    """Become Python."""
    words = arguments.words[1:] if arguments.words[:1] == ["--"] else arguments.words
    os.execve(sys.executable, [sys.executable, *words], with_code())  # noqa: S606 (no shell)
