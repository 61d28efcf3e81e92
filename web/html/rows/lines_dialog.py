"""The dialog that is shown when several lines are pasted into the field that adds a row."""

from collections.abc import Sequence

from fastcore.xml import FT

from apps.sentences import shortened
from apps.tables import Table
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Footer, Li, P, Ul, commands
from web.state.fields import plural
from web.state.words import count

NAMED = 5
"""Lines that the question shows."""
LONGEST_LINE = 80


def lines_dialog(table: Table, lines: Sequence[str]) -> FT:
    """Return the dialog that asks whether the lines become as many rows."""
    beyond = len(lines) - NAMED
    as_one = {table.title_field.name: " ".join(lines)}
    return dialog(
        "pasted-lines",
        "Add a row for each line?",
        P(f"You pasted {count(len(lines), 'line')} into a field for one row."),
        Ul(*(Li(shortened(line, LONGEST_LINE), dir="auto") for line in lines[:NAMED]), cls="bullets"),
        P(f"… and {beyond:,} more.", cls="note") if beyond > 0 else None,
        Footer(
            Button(
                f"Add {len(lines):,} {plural(table)}",
                type="button",
                cls="primary",
                autofocus=True,
                **commands("rows-insert", table=table.name, lines="\n".join(lines)),
            ),
            Button("Add as one row", type="button", **commands("insert", table=table.name, **as_one)),
            Button("Leave it", type="button", data_close=True),
            cls="tools",
        ),
    )
