"""Read the words for when a schedule is due: "tomorrow 8:00", "every Monday at 9". Pure."""

import re
from datetime import UTC, datetime

from apps.tables import BadValue, Row
from apps.types.moment import instant
from apps.types.reader import name_of
from apps.types.when import at_clock
from apps.words import find

EXPECTED = "Expected one like “tomorrow 8:00” or “every Monday 9:00”."
TOO_OFTEN = re.compile(r"\bevery\s+(second|minute|hour)\s*$|\bevery\s+\d+\s+(second|minute|hour)s\b", re.IGNORECASE)
LONGEST_SHOWN = 60


def read_times(text: str, now: datetime, locale: str = "") -> Row:
    """Return `at`, `repeat` and `zone` of a schedule; raise `BadValue` for words that are not understood.

    `now`: in the zone of the reader. `at` is None where only the repeat is said.
    """
    if too_often := TOO_OFTEN.search(text):
        unit = too_often[1] or too_often[2]
        raise _bad(f"“{text:.{LONGEST_SHOWN}}” comes more than once a day (every {unit}). Expected once a day at most.")
    found = find(text, now, locale)
    if found.title or not (found.date or found.moment or found.repeat):
        raise _bad(f"“{text:.{LONGEST_SHOWN}}” is no time that is understood. {EXPECTED}")
    at = at_clock(instant(found.moment.value), now.tzinfo or UTC) if found.moment else None
    return {
        "at": at or (found.date.value if found.date else None),
        "repeat": found.repeat.value if found.repeat else None,
        "zone": name_of(now.tzinfo or UTC),
    }


def _bad(sentence: str) -> BadValue:
    return BadValue("bad_value", sentence, field="at")
