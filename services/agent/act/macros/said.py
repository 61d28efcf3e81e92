"""Which macro the user's words name: “run Friday shopping”, “run Friday shopping: bananas”. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from apps.names import compared
from apps.tables import Row

ORDER = re.compile(
    r"\s*(?:please\s+|bitte\s+|por favor\s+)?"
    r"(?:run|do|start|play|execute|repeat|starte|mach|führe|lance|exécute|fais|ejecuta|lanza|haz)\s+"
    r"(?:(?:the|my|das|mein|la|ma|el|mi)\s+)?(?:(?:macro|makro)\s+)?(?P<rest>\S.*?)\s*[.!]?\s*",
    re.IGNORECASE | re.DOTALL,
)
"""What stands before the name, in the languages that Pianola reads."""
ENDS = re.compile(r"\s+(?:again|now|please|aus|bitte|noch einmal|encore|otra vez)$", re.IGNORECASE)
"""What may stand behind it."""
BEFORE_WORD = re.compile(r"\s*[:,]\s*|\s+(?:with|for|mit|für|avec|pour|con|para)\s+", re.IGNORECASE)
"""What stands between the name and the word that the macro asks for."""
LONGEST = 400
"""Characters of words that may name a macro."""


@dataclass(frozen=True, slots=True)
class Said:
    """A macro that is to run, and the answer to its question; "" if there is none."""

    macro: Row
    word: str = ""


def may_name_one(text: str) -> bool:
    """Return whether words could name a macro: they begin like such an order."""
    return len(text) <= LONGEST and ORDER.fullmatch(text) is not None


def said(text: str, macros: Iterable[Row]) -> Said | None:
    """Return the macro that words name, and nothing else; None for none. The longest name counts."""
    found = ORDER.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return None
    named = {compared(row["name"]): row for row in macros}
    return next((one for rest in (found["rest"], ENDS.sub("", found["rest"])) if (one := _named(rest, named))), None)


def _named(rest: str, named: dict[str, Row]) -> Said | None:
    if row := named.get(compared(rest)):
        return Said(row)
    for between in reversed(list(BEFORE_WORD.finditer(rest))):
        row, word = named.get(compared(rest[: between.start()])), rest[between.end() :].strip()
        if row and word:
            return Said(row, word)
    return None
