"""The type `moment`: a day and a time of day, with the zone: `2026-11-28T09:00:00+01:00[Europe/Berlin]`."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from apps.types.date import as_shown, day_of, written_day
from apps.types.kinds import Days, FieldType, Misfit, Rules, wrong_type
from apps.types.reader import Reader, zone_named
from apps.types.unix_time import FIRST_TIME, LAST_TIME, midnight
from apps.words import read_moment

ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?(?:\[([A-Za-z0-9_+\-/]{1,60})\])?", re.ASCII
)
SHOWN = re.compile(r"(.+), (\d\d:\d\d)(:\d\d)?(?: \(([+-]\d\d:\d\d)\))?")
EXPECTED = "a moment like 2026-11-28T09:00:00+01:00[Europe/Berlin]"


def check_moment(value: Any, _rules: Rules) -> str:
    """Take a moment that is there in its zone."""
    if type(value) is not str:
        raise wrong_type(value, EXPECTED)
    found = ISO.fullmatch(value)
    if not found or not found[4]:
        raise Misfit("wrong_type", f"is {value!r:.80}. Expected: {EXPECTED}.")
    return written(*moment_of(found[1], found[2] + (found[3] or ":00"), found[4], found[5]))


def moment_of(day: str, clock: str, offset: str | None, zone: str | None, here: tzinfo = UTC) -> tuple[datetime, str]:
    """Return a moment and the name of its zone ("" if it has none), or raise `Misfit`.

    `offset`: None if the zone is to say it. `here`: the zone of a moment that names neither.
    """
    named = zone_named(zone) if zone else here if offset is None else None
    if zone and named is None:
        raise Misfit("bad_value", f"is in the zone {zone!r}, which is not known. Expected a name like Europe/Berlin.")
    try:
        local = datetime.fromisoformat(f"{day_of(day).isoformat()}T{clock}")
    except ValueError:
        raise Misfit("bad_value", f"has the time {clock}, which no day has. Expected 00:00 to 23:59.") from None
    made = local.replace(tzinfo=fixed(offset)) if offset else placed(local, named or UTC)
    if not FIRST_TIME <= made.timestamp() <= LAST_TIME:
        raise Misfit("bad_value", f"is in the year {made.year}. Expected a moment between the years 2 and 9998.")
    if named is not None and offset:
        made = same_moment(made, local, named, zone or str(named))
    return made, str(getattr(named, "key", ""))


def fixed(offset: str) -> tzinfo:
    """Return the zone that is so far from UTC, or raise `Misfit`."""
    if offset == "Z":
        return UTC
    try:
        return datetime.fromisoformat(f"2000-01-01T00:00{offset}").tzinfo or UTC
    except ValueError:
        raise Misfit("bad_value", f"is {offset} from UTC, which is no offset. Expected one like +01:00.") from None


def placed(local: datetime, zone: tzinfo) -> datetime:
    """Return a time of day in a zone, or raise `Misfit` in the hour that the clocks skip. Of two, it is the first."""
    made = local.replace(tzinfo=zone)
    if made.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise skipped(local, str(zone))
    return made


def same_moment(made: datetime, local: datetime, zone: tzinfo, name: str) -> datetime:
    """Return the moment in its zone, or raise `Misfit` when the clocks there show another time then."""
    there = made.astimezone(zone)
    if there.replace(tzinfo=None) == local:
        return there
    placed(local, zone)  # the hour that is skipped has a sentence of its own
    raise Misfit(
        "bad_value",
        f"is {local:%H:%M} with the offset {offset_of(made)}, and in {name} it is {there:%H:%M} then "
        f"({offset_of(there)}). "
        "Leave one of the two out.",
    )


def skipped(local: datetime, zone: str) -> Misfit:
    """Return the refusal of a time that clocks never show."""
    return Misfit(
        "bad_value",
        f"is {local:%H:%M} on {local:%Y-%m-%d}, which does not exist in {zone}: the clocks are put forward over it. "
        "Choose a time before or after that.",
    )


def offset_of(moment: datetime) -> str:
    """Return how far a moment's zone is from UTC then: "+01:00"; seconds of old offsets are left out."""
    distance = moment.utcoffset() or timedelta()
    minutes = int(distance.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def written(moment: datetime, zone: str) -> str:
    """Return a moment as it is stored. A zone with seconds in its offset (before 1900) is written in UTC."""
    if (moment.utcoffset() or timedelta()).total_seconds() % 60:
        moment, zone = moment.astimezone(UTC), ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + offset_of(moment) + (f"[{zone}]" if zone else "")


def parse_moment(text: str, now: datetime, locale: str) -> str | None:
    """Read a moment: as ISO 8601, as it is shown, or in words. Without a zone it is one of the zone of `now`."""
    given = text.strip()
    if not given:
        return None
    here = now.tzinfo or UTC
    if found := ISO.fullmatch(given):
        return written(*moment_of(found[1], found[2] + (found[3] or ":00"), found[4], found[5], here))
    found = SHOWN.fullmatch(given)
    if found and (day := as_shown(found[1])):
        moment, zone = moment_of(day, found[2] + (found[3] or ":00"), found[4], None, here)
        return written(moment.astimezone(here), str(getattr(here, "key", ""))) if found[4] else written(moment, zone)
    if understood := read_moment(given, now, locale):
        return understood
    raise Misfit("wrong_type", f"is {given!r:.60}. Expected: {EXPECTED}.")


def instant(value: str) -> datetime:
    """Return the moment of a stored value."""
    return datetime.fromisoformat(value.partition("[")[0])


def show_moment(value: str, reader: Reader) -> str:
    """Return a moment in the reader's language and zone: "28 Nov 2026, 09:00"; with the offset if there are two."""
    local = instant(value).astimezone(reader.zone)
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    twice = local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
    return f"{written_day(local.date(), reader)}, {clock}" + (f" ({offset_of(local)})" if twice else "")


def in_input(value: str, zone: tzinfo) -> str:
    """Return a moment as an input of the browser takes it: the time in the reader's zone."""
    local = instant(value).astimezone(zone)
    return f"{local:%Y-%m-%dT%H:%M:%S}".rjust(19, "0").removesuffix(":00" if not local.second else "")


def moment_key(value: str) -> int:
    """Return whole seconds since 1970: moments in different zones sort by when they are."""
    return int(instant(value).timestamp())


def day_in(value: str, zone: tzinfo) -> date:
    """Return the day of a moment in a zone."""
    return instant(value).astimezone(zone).date()


def moments_between(first: date, last: date, zone: tzinfo) -> tuple[str, str]:
    """Return the first and the last second of days in a zone."""
    begin, end = midnight(first, zone), midnight(last + timedelta(days=1), zone) - timedelta(seconds=1)
    return written(begin, ""), written(end, "")


def clock_in(value: str, zone: tzinfo) -> str:
    """Return the time of day of a moment in a zone: "09:00"."""
    return f"{instant(value).astimezone(zone):%H:%M}"


MOMENT = FieldType(
    None,
    check_moment,
    EXPECTED,
    show_moment,
    parse_moment,
    moment_key,
    days=Days(day_in, moments_between, clock_in),
    is_ordered=True,
)
