"""The calendar file as a whole: its head, the zones that it names, its events. Pure."""

from collections.abc import Sequence

from apps.types.when import clock_of
from web.files.calendar.entries import Entry, lines_of
from web.files.calendar.zones import vtimezone
from web.files.tasks.icalendar import BEGIN, FOOT, written

REFRESH = "PT15M"
"""How often calendar programs are asked to look again; many have a setting of their own."""
HEAD = (
    BEGIN,
    "VERSION:2.0",
    "PRODID:-//Pianola//Due//EN",
    "CALSCALE:GREGORIAN",
    "NAME:Pianola",
    "X-WR-CALNAME:Pianola",
    f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
    f"X-PUBLISHED-TTL:{REFRESH}",
)


def calendar(entries: Sequence[Entry], year: int) -> bytes:
    """Return the file. Equal entries give equal bytes. `year`: the first one for which the zones must be right."""
    names = sorted({one.zone for one in entries if one.zone and clock_of(one.due)})
    zones = (line for name in names for line in vtimezone(name, year))
    events = (line for one in entries for line in lines_of(one))
    return written((*HEAD, *zones, *events, *FOOT))
