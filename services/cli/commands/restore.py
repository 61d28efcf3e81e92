"""`pianola restore`: put a backup in the place of the database, while nothing runs. The present file is kept."""

import argparse

from bus.settings import load
from services.cli.store_command import absolute, run_offline


def run(arguments: argparse.Namespace) -> int:
    """Restore the file; return 0, or 3 if that is refused."""
    return run_offline(load(), "restore", absolute(arguments.file))
