"""How much of an export of Botify fits, and what to say before one that does not. Pure: the page shows it."""

from apps.links.graph.files import MOST_EDGES

MOST_LINKS = 1_000_000
"""Botify sends no more lines in one file."""


def warnings(links: int, repeated: int) -> list[str]:
    """Return what may go wrong with an export of so many links after it was paid for, each as a sentence.

    `links`: different ones. `repeated`: with those that a page has several times.
    """
    found = []
    if links > MOST_EDGES:
        most = f"One graph holds at most {MOST_EDGES:,} different links"
        found.append(f"{most}: the export would cost credits, and then be refused here. Choose fewer clicks instead.")
    if repeated > MOST_LINKS:
        count = f"With those that pages repeat there are {repeated:,}"
        end = f"it ends the file at {MOST_LINKS:,} lines, and links are missing"
        found.append(f"{count}: if Botify lists each of them, {end}. Choose fewer clicks to be sure.")
    return found
