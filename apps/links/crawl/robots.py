"""robots.txt, as RFC 9309 says: the rules for us, else for all; the longest rule that fits wins; `*` and `$`.

Own code: `urllib.robotparser` knows no `*` and `$`, and takes the first rule that fits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

OUR_NAME = "pianola"
LARGEST = 500 * 1024
"""Bytes of the file that are read (RFC 9309 asks for at least 500 KiB)."""
LONGEST_DELAY = 10.0
"""Seconds: a longer Crawl-delay is taken for this one."""


@dataclass(slots=True)
class Robots:
    """The rules for us. `delay`: seconds between two requests, 0 if none is asked for."""

    rules: list[tuple[str, bool]] = field(default_factory=list)
    """Patterns of paths, and whether they are allowed."""
    delay: float = 0.0
    sitemaps: list[str] = field(default_factory=list)

    def allows(self, path: str) -> bool:
        """Return whether we may ask for a path (with its query)."""
        fitting = [(len(pattern), allowed) for pattern, allowed in self.rules if fits(pattern, path)]
        return max(fitting)[1] if fitting else True


def fits(pattern: str, path: str) -> bool:
    """Return whether a pattern fits the beginning of a path, or with `$` the whole. Takes linear time."""
    whole = pattern.endswith("$")
    first, *others = (pattern[:-1] if whole else pattern).split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    if whole and not others:
        return place == len(path)
    last = others.pop() if whole else ""
    for part in others:
        found = path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return not whole or (path.endswith(last) and len(path) - len(last) >= place)


def read_robots(text: str) -> Robots:
    """Return the rules for us in the text of a robots.txt. What cannot be read is left out."""
    groups: dict[str, Robots] = {}
    sitemaps, named, in_rules = [], [Robots()], False
    for name, value in lines_of(text):
        if name == "user-agent":
            named = [] if in_rules else named
            in_rules = False
            named.append(groups.setdefault(value.lower(), Robots()))
        elif name == "sitemap":
            sitemaps.append(value)
        elif name in ("allow", "disallow", "crawl-delay"):
            in_rules = True
            for group in named:
                take(group, name, value)
    ours = groups.get(OUR_NAME) or groups.get("*") or Robots()
    ours.sitemaps = sitemaps
    return ours


def lines_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of each line that has both."""
    for line in text.removeprefix("\ufeff").splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def take(group: Robots, name: str, value: str) -> None:
    """Add a rule to a group."""
    if name == "crawl-delay":
        try:
            group.delay = min(max(float(value), 0.0), LONGEST_DELAY)
        except ValueError:
            return
    elif value:
        group.rules.append((value, name == "allow"))
