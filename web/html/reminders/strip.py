"""What has become due, as lines at the top of the strip of remarks: open it, tick it, put it off, dismiss the line.

`web/static/notify.js` tells new lines: by a notification while the tab is hidden.
"""

from fastcore.xml import FT

from apps.due.near import near
from apps.sentences import shortened
from web.html.parts.elements import Button, Div, Li, P, Span, Time, Ul, commands, icon_button
from web.state.reminders.shown import MOST_SHOWN, Reminder
from web.state.rows.context import RowContext

LONGEST_TITLE = 100


def reminder_list(reminders: tuple[Reminder, ...], context: RowContext) -> FT:
    """Return the lines."""
    more = len(reminders) - MOST_SHOWN
    return Div(
        Ul(*(_line(one, context) for one in reminders[:MOST_SHOWN]), aria_label="Reminders"),
        P(f"and {more} more", cls="note") if more > 0 else None,
        id="reminders",
    )


def _line(one: Reminder, context: RowContext) -> FT:
    title = shortened(one.title, LONGEST_TITLE)
    which = {"table": one.table, "id": one.row}
    name = f"reminder-{one.id}"
    return Li(
        Span("Due ", Time(near(one.due, context.now, context.reader), datetime=one.due), cls="due"),
        Button(title, type="button", id=f"{name}-open", cls="reminded", dir="auto", **commands("reveal", **which)),
        Button(
            "Done",
            type="button",
            id=f"{name}-done",
            aria_label=f"Done: {title}",
            **commands("toggle", field=one.switch, **which),
        )
        if one.switch
        else None,
        Button(
            "Snooze",
            type="button",
            id=f"{name}-snooze",
            aria_label=f"Snooze: {title}",
            **commands("snooze-ask", **which),
        ),
        icon_button(
            "close", f"Dismiss: {title}", id=f"{name}-dismiss", **commands("reminder-dismiss", reminder=one.id)
        ),
        id=name,
        data_made=str(one.made),
    )
