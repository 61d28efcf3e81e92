"""Make the name of an app, table or field from its label, which may be of any script."""

import re
import unicodedata
from collections.abc import Collection

from apps.names import IDENTIFIER

LONGEST = 40
SPECIAL = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
"""Letters that Unicode does not take apart into a letter and an accent."""


def name_from(label: str, taken: Collection[str], otherwise: str) -> str:
    """Return a name that is not taken: “Fällig am” becomes fallig_am. `otherwise`: for a label without a letter a-z."""
    plain = unicodedata.normalize("NFKD", label.casefold().translate(SPECIAL)).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST].rstrip("_")
    name = name if IDENTIFIER.fullmatch(name) else otherwise
    number, free = 2, name
    while free in taken:
        free, number = f"{name[: LONGEST - 4].rstrip('_')}_{number}", number + 1
    return free
