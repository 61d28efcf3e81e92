"""The dialog before something is deleted for good, as HTML: what goes, and what cannot be reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastcore.xml import FT

from apps.tables import Table
from web.html.parts.dialogs import dialog
from web.html.parts.elements import H3, Button, Footer, Li, P, Ul, command_button
from web.state.fields import noun
from web.state.window import Key
from web.state.words import count

NAME = "erase"
NAMED = 5
"""Backups that are listed with their date."""

OUT_OF_REACH = (
    "Files that you exported or downloaded, and texts that you copied.",
    "What other programs heard and kept: recordings of the bus, attached programs.",
    "Other machines: what a model elsewhere was told, and what its server keeps.",
    "What your browser keeps of pages, and copies that the disk or the system makes by itself.",
    "Other messages and rows that say the same in words of their own.",
)
"""What deleting for good cannot reach. Whatever sends or copies texts elsewhere adds its own sentence."""


@dataclass(frozen=True, slots=True)
class Doomed:
    """What would be deleted for good. `title`: its name for people, "" for none; `also`: what goes with it."""

    table: Table
    key: Key
    title: str
    also: str


def erase_dialog(doomed: Doomed, backups: Sequence[datetime], days: int) -> FT:
    """Return the dialog. `backups`: when the copies of the database were made, the newest first.

    `days`: for how long daily ones are kept.
    """
    name = f"“{doomed.title}”" if doomed.title else f"this {noun(doomed.table)}"
    return dialog(
        NAME,
        f"Delete {name} for good?",
        P(doomed.also),
        P("Every word of it is removed: also from the history, the search, the logs, and what the model was told."),
        P("This cannot be undone."),
        H3("What this does not reach"),
        Ul(*(Li(one) for one in (*backup_lines(backups, days), *OUT_OF_REACH)), cls="bullets"),
        Footer(
            command_button("Delete for good", "erase", cls="danger", table=doomed.table.name, id=doomed.key),
            Button("Keep it", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
    )


def backup_lines(backups: Sequence[datetime], kept_days: int) -> list[str]:
    """Return the sentences about backups that were made before; none if there are none."""
    if not backups:
        return []
    days = list(dict.fromkeys(made.strftime("%Y-%m-%d %H:%M") for made in backups))
    more = f", and {len(days) - NAMED:,} older" if len(days) > NAMED else ""
    made = f"Backups from before, in the folder “backups”: {', '.join(days[:NAMED])}{more}."
    daily = f"Daily ones are removed after {count(kept_days, 'day')}." if kept_days else ""
    return [f"{made} {daily} Delete the others there yourself; restoring one brings all of it back."]
