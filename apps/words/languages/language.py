"""What the table of a language holds.

Words are separated by spaces; case and accents do not matter. `apps/words/patterns.py` explains patterns. A key of a
table of patterns is the name of a meaning, in some with a value behind it ("end_of month").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Patterns = Mapping[str, str]


@dataclass(frozen=True)
class Language:
    """The words for dates and times in one language."""

    code: str
    """As in a locale: "de"."""
    weekdays: tuple[str, ...]
    """For each day from Monday on, its words."""
    plural_weekdays: tuple[str, ...]
    """Words that mean "every Monday"; "" if there are none."""
    months: tuple[str, ...]
    numbers: tuple[str, ...]
    """From 0 on."""
    ordinals: tuple[str, ...]
    """From the first on."""
    ordinal_endings: str
    """What follows digits: "3rd"."""
    units: Mapping[str, str]
    """second, minute, hour, day, week, month and year."""
    dates: Patterns
    """Meanings: `apps/words/dates.py`."""
    times: Patterns
    """Meanings: `apps/words/times.py`."""
    parts: Patterns
    """Parts of the day, behind or before a time of day, or behind a date."""
    todays_parts: Patterns
    """The same of today: "tonight"."""
    durations: Patterns
    """Meanings: `apps/words/durations.py`."""
    moments: Patterns
    """Times from now on: now, ahead, ago."""
    repeats: Patterns
    """Meanings: `apps/words/repeats.py`."""
    leads: str
    """Patterns that may stand before a date, and make sure that it is one: "by"."""
    conjunctions: str
    """Words for "and"."""
    more_numbers: Mapping[str, int] = field(default_factory=dict)
    shy: str = ""
    """Short words that mean other things, too: in a line they need another part of a date beside them."""
    foreign: str = ""
    """Words that are others in another of our languages: in a line they are read for a reader of this one only."""
    compounds: tuple[tuple[str, str], ...] = ()
    """Two words that are written as one."""
