"""`pianola url`: print a link that opens the page once, within a minute."""

import argparse
import sys

from bus.text.console import print_line
from bus.token import TICKET_SECONDS, load_or_create_token
from services.cli.banner import ticket_url
from services.cli.web_request import ask_web
from services.supervise.running import load_running


def run(_arguments: argparse.Namespace) -> int:
    """Print the link alone to the standard output, so that a script can use it."""
    settings = load_running()
    ask_web(settings, "GET", "/healthz", "status")  # so that nobody is given a link to another program
    print_line(ticket_url(settings, load_or_create_token(settings)))
    if sys.stdout.isatty():
        print_line(f"It works once, within {TICKET_SECONDS:.0f} seconds.")
    return 0
