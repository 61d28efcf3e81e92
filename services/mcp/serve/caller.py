"""Who calls a tool, and what it may do. Pure."""

import math
from dataclasses import dataclass

from apps.clients.access import Access
from apps.registry import Registry
from bus.clients.keys import ClientKey

LONGEST_NAME = 34
"""Characters of the name that a program gives itself."""
LONGEST_READ = 200
UNNAMED = "A program"
MARK = " (MCP)"
"""What stands behind such a name: no key can have it, since a name of a key has no parentheses."""


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights of a program that the user starts on this machine, as the command line gives them."""

    read_only: bool = False
    tables: tuple[str, ...] = ()

    def access(self, registry: Registry, said: str) -> Access:
        """Return the access of a program that calls itself `said`."""
        key = ClientKey(shown_name(said), "", self.read_only, self.tables, 0.0, math.inf)
        return Access(key, registry)


def shown_name(said: str) -> str:
    """Return the name under which the page shows a program that has no key: what it says itself, cleaned and marked."""
    plain = "".join(sign if sign.isalnum() or sign in "._-" else " " for sign in said[:LONGEST_READ])
    return f"{' '.join(plain.split())[:LONGEST_NAME].rstrip() or UNNAMED}{MARK}"
