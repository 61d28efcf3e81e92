"""`pianola new-app`: create a new app, a file in the folder of own apps, or a folder for pip in the current one.

This command may not import `apps`, so `apps.starter` runs in a process of its own. `-P`: it imports no module from the
user's folder.
"""

import argparse
import subprocess
import sys


def run(arguments: argparse.Namespace) -> int:
    """Create it. Return 0, or 3 when the name or the folder cannot be used."""
    kind = ["--package"] if arguments.package else []
    return subprocess.call([sys.executable, "-P", "-m", "apps.starter", arguments.name, *kind])  # noqa: S603 (no shell)
