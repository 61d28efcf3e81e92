"""A new row with values, from a sentence that names fields of the open app: "add Fern, room: bath". Pure."""

import re
from collections.abc import Sequence

from bus.messages import Values

ADDED = re.compile(
    r"(?:please |can you |could you )*(?:add|note|put) (?P<title>[^,:“”\"]{1,200}?)(?:,| with )(?P<rest>.+)"
)
BETWEEN = re.compile(r"\s*(?:,(?: and)?|\band\b)\s*", re.IGNORECASE)


def row_in(said: str, labels: Sequence[str]) -> tuple[str, Values] | None:
    """Return the title of a new row and its values by the labels of fields; None where a part names no field."""
    found = ADDED.match(said.strip().rstrip(".!"))
    if found is None:
        return None
    pairs = [_pair(part, labels) for part in BETWEEN.split(found["rest"]) if part.strip()]
    values: Values = dict(filter(None, pairs))
    return (found["title"].strip(), values) if values and all(pairs) else None


def _pair(part: str, labels: Sequence[str]) -> tuple[str, str] | None:
    """Return the label with which a part begins, and the value behind it."""
    longest_first = sorted(labels, key=len, reverse=True)
    for label in longest_first:
        if found := re.match(rf"(?:the )?{re.escape(label)}\b\s*(?:[:=]|is|of)?\s*(.+)", part.strip(), re.IGNORECASE):
            return label, found[1]
    return None
