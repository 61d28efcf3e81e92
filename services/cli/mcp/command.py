"""`pianola mcp`: serve the program that started us by the Model Context Protocol, over standard input and output.

The server knows the apps, so `services.mcp` runs it, in place of this process. It is there also while Pianola does not
run: each tool then says how to start it.
"""

import argparse
import json
import os
import sys

from bus.mcp.package import NotInstalled, installed
from bus.settings import load
from services.cli.store_command import offline_environment


def run(arguments: argparse.Namespace) -> int:
    """Become the server."""
    if not installed():
        raise NotInstalled
    tables = [one.strip() for one in arguments.tables.split(",") if one.strip()]
    given = json.dumps({"read_only": arguments.read_only, "tables": tables})
    sys.stdout.flush()
    command = [sys.executable, "-P", "-m", "services.mcp.stdio", given]
    os.execve(sys.executable, command, offline_environment(load()))  # noqa: S606 (no shell)
