"""Put off what is due: in an hour, this evening, tomorrow, next week."""

from datetime import datetime, timedelta

from apps.types.when import clock_of
from apps.words.dates import next_week
from apps.words.times import EVENING

CHOICES = {
    "hour": "In 1 hour",
    "evening": "This evening",
    "tomorrow": "Tomorrow",
    "week": "Next week",
}
"""What people can choose, by name."""


def choices(now: datetime) -> dict[str, str]:
    """Return the choices that lie ahead: in the evening there is none any more."""
    return {name: label for name, label in CHOICES.items() if name != "evening" or _minutes(now) < EVENING}


def snoozed(choice: str, due: str | None, now: datetime) -> str:
    """Return the new due date. Another day keeps the time of day that the old date has. `choice`: of `CHOICES`."""
    if choice == "hour":
        return f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M}"
    if choice == "evening":
        return f"{now:%Y-%m-%d}T{EVENING // 60:02}:{EVENING % 60:02}"
    day = now.date() + timedelta(days=1) if choice == "tomorrow" else next_week(now.date())
    clock = clock_of(due or "")
    return f"{day.isoformat()}T{clock}" if clock else day.isoformat()


def _minutes(now: datetime) -> int:
    return now.hour * 60 + now.minute
