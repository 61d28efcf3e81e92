"""A day, a time of day, or both, as they were said; and the moment that they mean."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ISO = re.compile(
    r"(?P<local>[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]{1,9})?)"
    r"(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?(?:\[(?P<zone>[\w+/-]{1,64})\])?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class When:
    """A day, a time of day, both, or an exact moment, that stands in a line."""

    end: int
    """Index of the token behind it."""
    day: date | None = None
    minutes: int | None = None
    """The time of day, after midnight."""
    exact: datetime | None = None
    alone: bool = True
    """It is one also without another part of a date beside it."""
    sure: bool = True
    """In a line it is meant as one for certain. False: "the 3rd", of which a line can say "read the 3rd chapter"."""

    def completes(self, other: "When") -> bool:
        """Return whether one is a day without a time and the other a time without a day."""
        lone_day, lone_time = sorted((self, other), key=lambda one: one.day is None)
        return bool(lone_day.day) and lone_day.minutes is None and not lone_time.day and lone_time.minutes is not None

    def joined(self, other: "When") -> "When":
        """Return the two in one. See `completes`."""
        return When(other.end, self.day or other.day, other.minutes if self.minutes is None else self.minutes)


def at_time(day: date, minutes: int, now: datetime) -> datetime:
    """Return a time of a day in the zone of `now`.

    One that does not exist is as much later as the clock was put forward, one that exists twice is the first
    (RFC 5545, section 3.3.5).
    """
    local = (datetime.combine(day, time()) + timedelta(minutes=minutes)).replace(tzinfo=now.tzinfo)
    return local.astimezone(UTC).astimezone(now.tzinfo)


def written(moment: datetime) -> str:
    """Return a moment as an order has it: "2026-11-28T09:00:00+01:00[Europe/Berlin]"."""
    zone = getattr(moment.tzinfo, "key", "")
    return moment.isoformat(timespec="seconds") + (f"[{zone}]" if zone else "")


def iso_moment(text: str, now: datetime) -> datetime | None:
    """Read ISO 8601, with the zone in brackets if it has one; without offset and zone, it is in the zone of `now`.

    None if there is no such day or zone, or if the offset is not the zone's at this moment.
    """
    found = ISO.fullmatch(text.strip())
    if not found:
        return None
    try:
        moment = datetime.fromisoformat(found["local"] + (found["offset"] or "")).replace(microsecond=0)
        zone = ZoneInfo(found["zone"]) if found["zone"] else None if found["offset"] else now.tzinfo
        if not found["offset"]:
            return moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
        if zone is None:
            return moment
        return moment.astimezone(zone) if moment.astimezone(zone).utcoffset() == moment.utcoffset() else None
    except (ValueError, KeyError, OSError, OverflowError):
        return None
