"""What the words for times of day mean. docs/decisions/words.md tells what was decided and why."""

from collections.abc import Callable
from dataclasses import dataclass

from apps.words.patterns import Match, Values
from apps.words.slots import Line

MORNING, NOON, AFTERNOON, EVENING, NIGHT = 9 * 60, 12 * 60, 15 * 60, 19 * 60, 21 * 60
PART_MINUTES = {"morning": MORNING, "afternoon": AFTERNOON, "evening": EVENING, "night": NIGHT}
"""Minutes after midnight that a part of the day stands for, where no time of day is said."""
LAST_EARLY_HOUR = 6
"""An hour from 1 to this one, said without "Uhr" or "am", is in the afternoon: "at 5"."""
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day."""

    minutes: int
    """After midnight; 1,440 is the end of the day."""
    end: int
    """Index of the token behind it."""
    alone: bool = True
    """It is a time also without a date beside it."""
    sure: bool = True
    """In a line it is meant as a time for certain. False: "at 9", of which a line can say "look at 9 houses"."""


def read_time(line: Line, at: int) -> Clock | None:
    """Read a time of day with its part of the day, in either order, or a part alone: "at 8 in the evening"."""
    part = line.longest("parts", at)
    if part and part.meaning in PART_MINUTES:
        return read_time_in(line, part.meaning, part.end)
    found = line.longest("times", at)
    if not found:
        return None
    behind = line.longest("parts", found.end)
    return _clock(found, behind.meaning if behind else "", behind.end if behind else found.end)


def read_time_in(line: Line, part: str, at: int) -> Clock | None:
    """Read the time that may follow a part of the day; the part alone stands for a time, too."""
    found = line.longest("times", at)
    if found and found.meaning not in ONLY_WITH_PART:
        return _clock(found, part, found.end)
    return Clock(PART_MINUTES[part], at, alone=False)


def _clock(found: Match, part: str, end: int) -> Clock | None:
    """Return the time of a pattern; None if there is no such time, or the part of the day does not fit."""
    if found.meaning in ONLY_WITH_PART and not part:
        return None
    hour, minute, is_exact = MEANINGS[found.meaning](found.values)
    if not (0 <= hour < 24 and 0 <= minute < 60) and (hour, minute) != (24, 0):
        return None
    hour = _in_part(hour, part) if part else _as_said(hour, is_exact=is_exact)
    if not 0 <= hour * 60 + minute <= DAY_MINUTES:
        return None
    return Clock(hour * 60 + minute, end, found.meaning not in ONLY_BESIDE, bool(part) or found.meaning not in UNSURE)


def _in_part(hour: int, part: str) -> int:
    """Return the hour of the day for one that was said with a part of the day. -1: the two contradict each other."""
    if part in ("am", "morning"):
        return -1 if hour > 12 else hour % 12
    if part == "night" and hour < LAST_EARLY_HOUR:
        return hour
    if hour == 12:
        return 24 if part in ("night", "evening") else 12
    return hour + 12 if hour < 12 else hour


def _as_said(hour: int, *, is_exact: bool) -> int:
    return hour + 12 if not is_exact and 1 <= hour <= LAST_EARLY_HOUR else hour


def _said(text: str, minute: int = 0, *, hours: int = 0) -> tuple[int, int, bool]:
    """Take an hour as it stands in a line: "05" is exact, "5" and "five" are not. The hour before 1 is 12."""
    hour = int(text) + hours
    return 12 if hours and hour == 0 else hour, minute, text.startswith("0")


def _exact(hour: int | str, minute: int) -> tuple[int, int, bool]:
    return int(hour), minute, True


MEANINGS: dict[str, Callable[[Values], tuple[int, int, bool]]] = {
    "clock": lambda v: _exact(*v["clock"]),
    "hour": lambda v: _exact(v["hour"], 0),
    "hour_and_minute": lambda v: _exact(v["hour"], v["minute"]),
    "dotted": lambda v: _exact(*v["dotted"]),
    "bare_hour": lambda v: _said(v["hour"]),
    "only_with_part": lambda v: _said(v["hour"]),
    "dotted_only_with_part": lambda v: _exact(*v["dotted"]),
    "only_beside": lambda v: _exact(v["hour"], 0),
    "only_beside_with_minute": lambda v: _exact(v["hour"], v["minute"]),
    "half_past": lambda v: _said(v["hour"], 30),
    "half_to": lambda v: _said(v["hour"], 30, hours=-1),
    "quarter_past": lambda v: _said(v["hour"], 15),
    "quarter_to": lambda v: _said(v["hour"], 45, hours=-1),
    "minutes_past": lambda v: _said(v["hour"], v["minute"]),
    "minutes_to": lambda v: _said(v["hour"], 60 - v["minute"], hours=-1) if v["minute"] else _said(v["hour"]),
    "noon": lambda _: _exact(12, 0),
    "midnight": lambda _: _exact(24, 0),
}
"""For each meaning the hour, the minute, and whether the hour is on the 24-hour clock for certain."""
ONLY_WITH_PART = frozenset(("only_with_part", "dotted_only_with_part"))
ONLY_BESIDE = frozenset(("only_beside", "only_beside_with_minute"))
UNSURE = frozenset(("bare_hour", "noon", "midnight"))
