"""When to remind of what is due: at its time; of a whole day, in the morning. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from apps.due.spans import minute_of
from apps.tables import Row, Table
from apps.types.when import clock_of, local
from apps.words.times import MORNING

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def remind_at(due: str) -> datetime:
    """Return when to remind of a due date, on the same clock."""
    return local(due) if clock_of(due) else local(due) + timedelta(minutes=MORNING)


def wheres(table: Table, since: datetime, now: datetime) -> Iterator[Row]:
    """Yield what finds the rows of a table of which to remind between two moments, the first one excluded.

    It may find others, too: compare `remind_at`.
    """
    if table.due_field is None:
        return
    due, is_open = table.due_field.name, dict.fromkeys(table.switches[:1], False)
    yield {**is_open, due: {"from": minute_of(since + MINUTE), "to": minute_of(now)}}
    number = (now.date() - since.date()).days + 1
    days = (since.date() + timedelta(days=one) for one in range(number))
    if mornings := [day.isoformat() for day in days if since < remind_at(day.isoformat()) <= now]:
        yield {**is_open, due: mornings}


def is_reminded(table: Table, row: Row, due: str) -> bool:
    """Return whether a row still is what a reminder was made for: due then, and not done."""
    field = table.due_field
    return field is not None and row.get(field.name) == due and not any(row.get(one) for one in table.switches[:1])
