"""`pianola completion SHELL`: print the script for a shell."""

import argparse
from collections.abc import Callable, Iterable

from bus.text.console import print_line
from services.cli.completion import bash, fish, zsh
from services.cli.completion.tree import Node, nodes
from services.cli.parser import parser

SCRIPTS: dict[str, Callable[[Iterable[Node]], str]] = {"bash": bash.script, "zsh": zsh.script, "fish": fish.script}


def run(arguments: argparse.Namespace) -> int:
    """Print it; return 0."""
    print_line(SCRIPTS[arguments.shell](nodes(parser())).rstrip("\n"))
    return 0
