"""`pianola new-app`: the folder of a new app, in the folder that we are in.

The command knows no app: `apps.starter` runs in a process of its own, which takes no module from the user's folder.
"""

import argparse
import subprocess
import sys


def run(arguments: argparse.Namespace) -> int:
    """Write it; return 0, or 3 when the name or the folder cannot be used."""
    return subprocess.call([sys.executable, "-P", "-m", "apps.starter", arguments.name])  # noqa: S603 (no shell)
