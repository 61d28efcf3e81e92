"""`pianola new-app`: create the folder of a new app in the current folder.

This command may not import `apps`, so `apps.starter` runs in a process of its own. `-P`: it imports no module from the
user's folder.
"""

import argparse
import subprocess
import sys


def run(arguments: argparse.Namespace) -> int:
    """Create the folder. Return 0, or 3 when the name or the folder cannot be used."""
    return subprocess.call([sys.executable, "-P", "-m", "apps.starter", arguments.name])  # noqa: S603 (no shell)
