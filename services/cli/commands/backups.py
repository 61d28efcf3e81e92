"""`pianola backups`: list the backups of the database, the newest first."""

import argparse

from bus.settings import load
from services.cli.store_command import run_offline


def run(_arguments: argparse.Namespace) -> int:
    """Print the list; return 0."""
    return run_offline(load(), "backups")
