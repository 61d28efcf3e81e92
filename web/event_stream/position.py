"""Where a reader is: the id of each event says it, and a reader that comes back names the last one that it got."""

from dataclasses import dataclass, field
from urllib.parse import quote, unquote

LARGEST_NUMBER = 10**15
MOST_GENERATIONS = 16
"""More are not read from the id that a reader names. The worker is asked for the text of each that is lost."""


@dataclass(slots=True)
class Position:
    """The newest revision that was told, and for each generation the index of the token that comes next.

    As a text: `1234;5.1:57;6.1:3`. A generation that has ended counts its end as one more token.
    """

    revision: int = 0
    generations: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the id of an event."""
        pairs = (f"{quote(name, safe='')}:{index}" for name, index in self.generations.items())
        return ";".join((str(self.revision), *pairs))

    @classmethod
    def of(cls, text: str) -> "Position | None":
        """Return the position that an id says; None if it is no id of ours."""
        first, *pairs = text.strip().split(";")
        found = cls(_number(first))
        for pair in pairs[:MOST_GENERATIONS]:
            name, _, index = pair.rpartition(":")
            found.generations[unquote(name)] = _number(index)
        return None if min(found.revision, *found.generations.values(), 0) < 0 or "" in found.generations else found

    def copy(self) -> "Position":
        """Return another one that says the same."""
        return Position(self.revision, dict(self.generations))


def _number(text: str) -> int:
    """Return a number, -1 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and int(text[:20]) <= LARGEST_NUMBER else -1
