"""Spans of days around now, by which what is due is found: today, overdue, the next 7 days, without a day."""

from datetime import datetime, timedelta
from typing import Any

from apps.types.when import when_key

SPANS = {"overdue": "Overdue", "today": "Today", "week": "Next 7 days", "none": "No date"}
"""By their names in an address: what people call them."""
WEEK_DAYS = 7


def bounds(span: str, now: datetime) -> dict[str, str] | None:
    """Return the range of values in a span, as in a `where` of the store; None for no value."""
    day = now.date()
    if span == "overdue":
        return {"to": minute_of(now)}
    if span == "none":
        return None
    last = day if span == "today" else day + timedelta(days=WEEK_DAYS - 1)
    return {"from": f"{day.isoformat()}T00:00", "to": last.isoformat()}


def minute_of(now: datetime) -> str:
    """Return the present minute as a value: what was due until then is overdue."""
    return f"{now:%Y-%m-%dT%H:%M}"


def is_within(value: Any, limits: dict[str, str] | None) -> bool:
    """Return whether a value lies in a span, by its bounds."""
    if value is None or limits is None:
        return value is None and limits is None
    key = when_key(value)
    low, high = (when_key(limits[name]) if name in limits else key for name in ("from", "to"))
    return low <= key <= high


def is_overdue(value: str | None, now: datetime) -> bool:
    """Return whether the time of something has come, or its day is over."""
    return value is not None and is_within(value, bounds("overdue", now))
