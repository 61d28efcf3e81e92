"""What can follow in a command line that is being typed, where that depends on the apps: `pianola --complete WORD …`.

The scripts for the shells call it. Where nothing runs there is nothing to offer, and nothing is said.
"""

from bus.errors import PianolaError
from bus.settings import load
from bus.text.console import print_line
from services.cli.bus_probe import check_bus
from services.cli.data.handed_over import words_behind


def run(words: list[str]) -> int:
    """Print a word in each line; return 0. `words`: those behind `pianola`; the last one is being typed."""
    try:
        settings = load()
        check_bus(settings)
    except PianolaError:
        return 0
    for word in words_behind(settings, words):
        print_line(word)
    return 0
