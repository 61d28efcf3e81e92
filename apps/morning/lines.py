"""The lines of the morning page: what is due, what waits, what was missed, what has changed."""

from datetime import datetime

from fastcore.xml import FT, Button, Input, Li, Span, Time

from apps.daily.changed import Changed
from apps.daily.due import Due
from apps.daily.reading import Reminded
from apps.due.near import near
from apps.sentences import shortened
from apps.tables import Row
from apps.types.reader import Reader
from apps.types.unix_time import date_and_time
from apps.views import commands

LONGEST_TITLE = 200


def due_item(one: Due, now: datetime, reader: Reader) -> FT:
    """Return a row that is due: tick it, open it, put it off."""
    table, title = one.table.table, shortened(one.title, LONGEST_TITLE)
    name, which = f"morning-{table.name}-{one.row['id']}", {"table": table.name, "id": one.row["id"]}
    return Li(
        tick(name, title, one.table.done, which) if one.table.done else None,
        open_button(name, title, which),
        Time(near(one.at, now.replace(tzinfo=None), reader), datetime=one.at, cls="due"),
        Span(one.table.app.replace("_", " "), cls="badge"),
        small(name, "Snooze", title, "snooze-ask", **which) if table.due_field else None,
        id=name,
    )


def tick(name: str, title: str, field: str, which: dict[str, object]) -> FT:
    """Return the box that ticks a row in its own app."""
    return Input(
        type="checkbox",
        id=f"{name}-done",
        cls="tick",
        aria_label=f"Done: {title}",
        **commands("toggle", field=field, **which),
    )


def open_button(name: str, title: str, which: dict[str, object]) -> FT:
    """Return the title, which leads to the row in its app, or to the message in its conversation."""
    return Button(title, type="button", id=f"{name}-open", cls="reminded", dir="auto", **commands("reveal", **which))


def small(name: str, label: str, title: str, do: str, **values: object) -> FT:
    """Return a small button of a line."""
    return Button(
        label,
        type="button",
        id=f"{name}-{label.lower()}",
        cls="small",
        aria_label=f"{label}: {title}",
        **commands(do, **values),
    )


def waiting_item(row: Row) -> FT:
    """Return a card of the chat that waits for the user; the title leads to it, where it stands with all it changes."""
    title, name = shortened(row["text"], LONGEST_TITLE), f"morning-card-{row['id']}"
    return Li(
        open_button(name, title, {"table": "message", "id": row["id"]}),
        small(name, "Yes", title, "agree", message=row["id"]),
        small(name, "No", title, "decline", message=row["id"]),
        id=name,
    )


def reminder_item(one: Reminded, now: datetime, reader: Reader) -> FT:
    """Return a reminder that nobody has dismissed."""
    title, name = shortened(one.title, LONGEST_TITLE), f"morning-reminder-{one.id}"
    return Li(
        Span("Reminder", cls="badge"),
        open_button(name, title, {"table": one.table.name, "id": one.row}),
        Time(near(one.due, now.replace(tzinfo=None), reader), datetime=one.due, cls="due"),
        small(name, "Dismiss", title, "reminder-dismiss", reminder=one.id),
        id=name,
    )


def missed_item(row: Row) -> FT:
    """Return a schedule that did not do what it is for."""
    title, name = shortened(row["title"], LONGEST_TITLE), f"morning-schedule-{row['id']}"
    return Li(
        Span("Schedule", cls="badge"),
        Span(f"{title}: {row['outcome']}", dir="auto"),
        Time(date_and_time(row["last"]), cls="due"),
        small(name, "Why?", title, "why", table="schedule", id=row["id"]),
        id=name,
    )


def changed_item(one: Changed | str) -> FT:
    """Return changes of one kind in words: who did what to which rows."""
    if isinstance(one, str):
        return Li(one, cls="note")
    names = f": {one.named}" if one.named else ""
    return Li(Span(Span(one.who, cls="who"), f" {one.did} {one.what}{names}", dir="auto"))
