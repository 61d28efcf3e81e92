"""Say in words how long a job still takes, and what it returned. Pure."""

import json
from collections.abc import Sequence

from apps.sentences import shortened
from apps.tables import Row

Sample = tuple[float, int]
"""When something was heard, in seconds, and how many units were done then."""

SHORTEST_SPAN_SECONDS = 1.0
"""A pace that was seen for less time says nothing."""
NEARLY = 0.95
"""From this part of a unit on, it is "about 1" of it."""
MINUTE, HOUR, DAY = 60, 3_600, 86_400
LONGEST_VALUE = 300
"""Characters of a value of a result."""
MOST_VALUES = 20


def remaining_seconds(samples: Sequence[Sample], total: int) -> float | None:
    """Return how long the rest takes at the pace of the samples (the oldest first); None when nobody can know."""
    if len(samples) < 2 or not total:
        return None
    (began, first), (now, done) = samples[0], samples[-1]
    if now - began < SHORTEST_SPAN_SECONDS or done <= first:
        return None
    return max(total - done, 0) * (now - began) / (done - first)


def remaining_words(seconds: float | None) -> str:
    """Return "about 3 minutes left"; "" when it is not known."""
    if seconds is None:
        return ""
    if seconds < 5:
        return "a few seconds left"
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= NEARLY * unit:
            number = round(seconds / unit)
            return f"about {number:,} {name}{'' if number == 1 else 's'} left"
    return f"about {round(seconds / 5) * 5} seconds left"


def result_words(result: object) -> list[tuple[str, str]]:
    """Return the values of a job's result, each with its name for people."""
    if not isinstance(result, dict):
        return []
    named = list(result.items())[:MOST_VALUES]
    return [(str(name).replace("_", " ").capitalize(), value_words(value)) for name, value in named]


def value_words(value: object) -> str:
    """Return a value of a result as people read it."""
    match value:
        case bool():
            words = "yes" if value else "no"
        case int():
            words = f"{value:,}"
        case str():
            words = value
        case _:
            words = json.dumps(value, ensure_ascii=False)
    return shortened(words, LONGEST_VALUE)


def how_far(row: Row) -> str:
    """Return "1,200 of 2,000 · 60 %", "1,200" when the total is not known, "" when nothing is."""
    done, total = row["done"], row["total"]
    if not total:
        return f"{done:,}" if done else ""
    return f"{done:,} of {total:,} · {min(100 * done // total, 100)} %"
