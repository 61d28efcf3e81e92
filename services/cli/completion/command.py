"""`pianola completion SHELL`: print the script for a shell."""

import argparse
from collections.abc import Callable, Iterable

from services.cli.completion import bash, fish, zsh
from services.cli.completion.tree import Node, nodes
from services.cli.parser import parser
from services.supervise.console import print_line

SCRIPTS: dict[str, Callable[[Iterable[Node]], str]] = {"bash": bash.script, "zsh": zsh.script, "fish": fish.script}


def run(arguments: argparse.Namespace) -> int:
    """Print it; return 0."""
    print_line(SCRIPTS[arguments.shell](nodes(parser())).rstrip("\n"))
    return 0
