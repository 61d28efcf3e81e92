"""The form of the morning page that says when it is ready, and whether it opens first."""

from fastcore.xml import FT, Button, Div, Form, Input, Label, P, Span

from apps.daily.opening import DEFAULT_HOUR
from apps.tables import Row
from apps.views import commands

OFF = "This page can open first, once a day, with three lines that the assistant has written before."
ON = "This page is ready at {hour} each day, and opens first, once a day."
STOPPED = "The lines are not written by themselves: the schedule “{title}” is off. Save the time to switch it on."


def setting_form(hour: str, schedule: Row | None) -> FT:
    """Return the form. `hour`: as it is chosen, "" for off."""
    is_stopped = bool(hour) and (schedule is None or schedule["state"] != "on")
    title = schedule["title"] if schedule else "Morning page"
    return Div(
        P(ON.format(hour=hour) if hour else OFF, cls="note"),
        P(STOPPED.format(title=title), cls="note") if is_stopped else None,
        Form(
            Label(
                Span("Each day at"),
                Input(type="time", name="hour", id="morning-hour", value=hour or DEFAULT_HOUR, required=True),
                cls="field",
            ),
            Button("Save" if hour else "Switch on", type="submit", id="morning-save"),
            Button("Switch off", type="button", id="morning-off", **commands("morning-set", hour="")) if hour else None,
            **commands("morning-set"),
            id="morning-form",
            cls="kept morning-day",
            aria_label="When this page is ready",
        ),
        cls="morning-setting",
    )
