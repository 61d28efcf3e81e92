"""`pianola notebook-to-workflow`: write a workflow app from a notebook into the current folder.

This command may not import `apps`, so `apps.notebooks` runs in a process of its own. `-P`: it imports no module from
the user's folder.
"""

import argparse
import subprocess
import sys

from bus.code.folder import with_code


def run(arguments: argparse.Namespace) -> int:
    """Create the folder. Return 0, or 3 when a cell cannot be a step, or the folder cannot be written."""
    command = [sys.executable, "-P", "-m", "apps.notebooks", arguments.file]
    return subprocess.call(command, env=with_code())  # noqa: S603 (no shell)
