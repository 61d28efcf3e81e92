"""For whom a value is written: the language and time zone. And how each language writes numbers and months."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

LOCAL_TIME = Path("/etc/localtime")
"""On most systems a link to the file of the machine's zone."""


@dataclass(frozen=True, slots=True)
class Language:
    """How a language writes numbers and days."""

    months: tuple[str, ...]
    """The short names, with their points."""
    point: str = "."
    """Between the whole part of a number and the rest."""
    group: str = ","
    """Between thousands."""
    day: str = "{day} {month} {year}"
    """How a day is written."""
    symbol_first: bool = False
    """Whether a currency stands before its amount."""


NARROW_SPACE = "\u202f"

LANGUAGES = {
    "en": Language(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        symbol_first=True,
    ),
    "de": Language(
        ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
        point=",",
        group=".",
        day="{day}. {month} {year}",
    ),
    "fr": Language(
        ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
        point=",",
        group=NARROW_SPACE,
    ),
    "es": Language(
        ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"),
        point=",",
        group=".",
    ),
}
"""By the first part of a locale. Others are written to as in English, the language of the page."""


def zone_named(name: str) -> tzinfo | None:
    """Return the zone of this name ("Europe/Berlin"); None if there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # no name of a zone, a folder of zones, not found
        return None


def name_of(zone: tzinfo) -> str:
    """Return the name of a zone; "" if it has none."""
    return str(getattr(zone, "key", ""))


@cache
def zone_here() -> tzinfo:
    """Return the zone of this machine, with its name if the system says it."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if not named and LOCAL_TIME.is_symlink():
        named = os.readlink(LOCAL_TIME).partition("zoneinfo/")[2]
    return zone_named(named) or datetime.now().astimezone().tzinfo or UTC


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads the values."""

    locale: str = ""
    """As browsers name it: "de", "en-US"; "" if unknown."""
    zone: tzinfo = field(default_factory=zone_here)

    @property
    def language(self) -> Language:
        """How the reader's language writes numbers and days."""
        return language_of(self.locale)

    @property
    def as_values(self) -> dict[str, str]:
        """The reader as a question keeps it."""
        return {"locale": self.locale, "zone": name_of(self.zone)}


def reader_from(kept: Any) -> Reader:
    """Return the reader that `as_values` has written. Without a known zone it is the one of this machine."""
    said = kept if type(kept) is dict else {}
    return Reader(str(said.get("locale", "")), zone_named(str(said.get("zone", ""))) or zone_here())


def language_of(locale: str) -> Language:
    """Return the language of a locale."""
    return LANGUAGES.get(locale.replace("_", "-").partition("-")[0].lower(), LANGUAGES["en"])


HERE = Reader()
"""Whoever sits at this machine and reads English."""
