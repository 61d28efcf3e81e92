"""Small parts beside messages and rows: the time, the copy button, and the button “Why?”."""

from fastcore.xml import FT

from apps.tables import Row
from apps.types.unix_time import date_and_time, iso_time
from web.html.parts.elements import Time, commands, icon_button


def clock(row: Row) -> FT:
    """Return the time at which a message was created."""
    made = row["created"] or 0
    return Time(date_and_time(made, "%H:%M"), datetime=iso_time(made), title=date_and_time(made, "%c"))


def copy_button(text: str) -> FT:
    """Return the button that copies a message."""
    return icon_button("copy", "Copy the message", data_copy=text)


def erase_button(table: str, key: int | str, label: str) -> FT:
    """Return the button that deletes a row for good; it asks first. `label`: for screen readers and the tooltip."""
    return icon_button("erase", label, id=f"erase-{table}-{key}", **commands("erase-ask", table=table, id=key))


def why_button(table: str, key: int | str, label: str) -> FT:
    """Return the button that asks why a row is as it is. `label`: for screen readers and the tooltip."""
    return icon_button("why", label, id=f"why-{table}-{key}", **commands("why", table=table, id=key))
