"""Addresses in a text as links. Only http, https and mailto lead anywhere: other schemes could run code. Pure."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from fastcore.xml import FT

from web.html.parts.elements import A

ADDRESS = re.compile(r"(?<![^\W_])(?:https?://|mailto:)[^\s<>\"“”]+", re.IGNORECASE)
BEHIND = ".,;:!?…'’*_"
"""Characters at the end of an address that belong to the sentence around it."""
PAIRS = {")": "(", "]": "[", "}": "{"}


def linked(text: str, most: int) -> list[object]:
    """Return the text in pieces, its addresses as links that open a new tab; of more than `most` characters the first.

    A link that is cut leads to the whole address.
    """
    pieces, place = list[object](), 0
    for start, end in addresses(text):
        if start >= most:
            break
        pieces += [text[place:start], _link(text[start:end], _cut(text[start:end], most - start))]
        place = end
    rest = text[place:most] + ("…" if place <= most < len(text) else "")
    return [piece for piece in [*pieces, rest] if piece != ""]


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield beginning and end of each address in a text."""
    for found in ADDRESS.finditer(text):
        address = _without_end(found[0])
        if _leads_somewhere(address):
            yield found.start(), found.start() + len(address)


def _without_end(address: str) -> str:
    """Return an address without what belongs to the sentence: a point behind it, a bracket that it does not open."""
    while address and (
        address[-1] in BEHIND
        or (address[-1] in PAIRS and address.count(PAIRS[address[-1]]) < address.count(address[-1]))
    ):
        address = address[:-1]
    return address


def _leads_somewhere(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return "@" in parts.path if parts.scheme.lower() == "mailto" else bool(parts.hostname)
    except ValueError:
        return False


def _link(address: str, shown: str) -> FT:
    return A(shown, href=address, target="_blank", rel="noopener noreferrer")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
