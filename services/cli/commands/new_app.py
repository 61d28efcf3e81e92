"""`pianola new-app`: create a new app, a file in the folder of own apps, or a folder for pip in the current one.

This command may not import `apps`, so `apps.starter` runs in a process of its own. `-P`: it imports no module from the
user's folder.
"""

import argparse
import subprocess
import sys

from bus.code.folder import with_code


def run(arguments: argparse.Namespace) -> int:
    """Create it. Return 0, or 3 when the name or the folder cannot be used."""
    kind = ["--package"] if arguments.package else []
    command = [sys.executable, "-P", "-m", "apps.starter", arguments.name, *kind]
    return subprocess.call(command, env=with_code())  # noqa: S603 (no shell)
