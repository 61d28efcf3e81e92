"""The menu “…” of a message: one element for the whole page, which is filled when it opens.

What a message can do beyond its two actions in view is one entry here, whoever carries it out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastcore.xml import FT

from apps.tables import Row
from web.html.parts.elements import Button, Div, commands, icon_button

ENTRIES_ID = "message-actions"

SPOKEN = ("user", "assistant")
"""Roles of messages that somebody said."""


def about_message(row: Row) -> dict[str, Any]:
    """Return the fields of a command that is about a message."""
    return {"message": row["id"]}


def about_row(row: Row) -> dict[str, Any]:
    """Return the fields of a command that is about a row of any table."""
    return {"table": "message", "id": row["id"]}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the menu. `do`: the command that it sends."""

    do: str
    label: Callable[[Row], str] | str
    applies: Callable[[Row], bool] = lambda _row: True
    fields: Callable[[Row], dict[str, Any]] = about_message


def is_spoken(row: Row) -> bool:
    """Return whether somebody said the message in the talk: it is no card, no remark and no summary."""
    return row["role"] in SPOKEN and row["purpose"] in ("chat", "step")


def why_label(row: Row) -> str:
    """Return what is asked by “Why?” of a message."""
    if row["role"] == "user":
        return "Where does this message come from?"
    if row["role"] == "action":
        proposes = row["state"] == "proposed"
        return "Why does the assistant propose this?" if proposes else "Why did the assistant do this?"
    return "Why is there a summary?" if row["purpose"] == "note" else "Why did it say this?"


ENTRIES = (
    Entry("why", why_label, fields=about_row),
    Entry("fork", "Fork: go on from here in a new conversation", is_spoken),
    Entry("ask-rewind", "Rewind: all apps as they were before this …", lambda row: row["purpose"] != "note"),
    Entry("delete-message", "Delete", lambda row: row["role"] in SPOKEN),
    Entry("erase-ask", "Erase for good …", lambda row: row["purpose"] != "note", about_row),
)
"""In the order of the menu."""


def menu_button(row: Row) -> FT:
    """Return the button that opens the menu of a message."""
    more = commands("message-menu", message=row["id"])
    return icon_button("more", "More …", id=f"more-{row['id']}", aria_haspopup="menu", **more)


def closed_menu() -> FT:
    """Return the menu without entries, as it is in the page before it is opened for the first time."""
    return Div(Div(id=ENTRIES_ID), id="message-menu", popover="auto", cls="panel", role="menu", aria_label="Message")


def menu_entries(row: Row) -> FT:
    """Return the entries for a message. The script opens the menu beside the button when they arrive."""
    entries = [one for one in ENTRIES if one.applies(row)]
    return Div(
        *(_button(one, row, place) for place, one in enumerate(entries)),
        id=ENTRIES_ID,
        data_beside=f"more-{row['id']}",
    )


def _button(entry: Entry, row: Row, place: int) -> FT:
    label = entry.label if isinstance(entry.label, str) else entry.label(row)
    return Button(
        label,
        type="button",
        id=f"{entry.do}-message-{row['id']}",
        cls="choice",
        role="menuitem",
        tabindex="-1",
        autofocus=place == 0,
        **commands(entry.do, **entry.fields(row)),
    )
