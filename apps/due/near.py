"""Say a due date as people do near today: "today 9:00", "tomorrow", "Fri", "3 Mar"."""

from dataclasses import dataclass
from datetime import datetime

from apps.types.reader import Reader
from apps.types.when import local

NEXT_DAYS = 7
"""Days ahead that are told by their weekday."""
HALF_YEAR_DAYS = 183
"""A day that is nearer is told without its year."""


@dataclass(frozen=True, slots=True)
class NearWords:
    """The words of a language."""

    days: dict[int, str]
    """By the distance from today."""
    weekdays: tuple[str, ...]


WORDS = {
    "en": NearWords({-1: "yesterday", 0: "today", 1: "tomorrow"}, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")),
    "de": NearWords({-1: "gestern", 0: "heute", 1: "morgen"}, ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")),
    "fr": NearWords(
        {-1: "hier", 0: "aujourd’hui", 1: "demain"}, ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
    ),
    "es": NearWords({-1: "ayer", 0: "hoy", 1: "mañana"}, ("lun", "mar", "mié", "jue", "vie", "sáb", "dom")),
}


def near(value: str, now: datetime, reader: Reader) -> str:
    """Return a due date in the reader's language, as short as it is clear at this moment."""
    moment = local(value)
    words = WORDS.get(reader.locale[:2].casefold(), WORDS["en"])
    distance = (moment.date() - now.date()).days
    if distance in words.days:
        day = words.days[distance]
    elif 0 < distance < NEXT_DAYS:
        day = words.weekdays[moment.weekday()]
    else:
        month = reader.language.months[moment.month - 1]
        year = "" if abs(distance) < HALF_YEAR_DAYS else f"{moment.year:04}"
        day = reader.language.day.format(day=moment.day, month=month, year=year).strip()
    return f"{day} {moment.hour}:{moment.minute:02}" if "T" in value else day
