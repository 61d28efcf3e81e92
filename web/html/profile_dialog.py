"""The question what becomes of the rows of a profile that is to be deleted, as HTML."""

import json
from collections.abc import Mapping, Sequence

from fastcore.xml import FT

from apps.tables import Row, Table
from web.html.parts.dialogs import dialog
from web.html.parts.elements import (
    Button,
    Fieldset,
    Footer,
    Input,
    Label,
    Legend,
    Option,
    P,
    Select,
    Span,
    command_form,
)

NAME = "profile-question"


def profile_dialog(row: Row, others: Sequence[Row], tables: Sequence[Table], counts: Mapping[str, int]) -> FT:
    """Return the dialog. `counts`: rows of the profile, by table; they come back with the answer, to be compared."""
    owned = owned_words(tables, counts)
    asked = command_form(
        "profile-delete",
        P(f"It has {owned}." if owned else "It has no rows."),
        fate(others) if owned else None,
        P("You can take it back in the journal.", cls="note"),
        Footer(
            Button("Delete the profile", type="submit", cls="danger"),
            Button("Leave it", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
        values={"id": row["id"], "counts": json.dumps(counts)},
        id=f"{NAME}-form",
    )
    return dialog(NAME, f"Delete the profile “{row['name']}”?", asked)


def owned_words(tables: Sequence[Table], counts: Mapping[str, int]) -> str:
    """Say what belongs to a profile: "3 todos"."""
    return ", ".join(_words(table, counts[table.name]) for table in tables if counts.get(table.name))


def _words(table: Table, rows: int) -> str:
    noun = (table.label or table.name).removeprefix("a ").removeprefix("an ")
    return f"{rows:,} {noun}{'' if rows == 1 else 's'}"


def fate(others: Sequence[Row]) -> FT:
    """Return the choice between moving and deleting the rows."""
    heirs = (Option(one["name"], value=str(one["id"])) for one in others)
    return Fieldset(
        Legend("What becomes of them?"),
        Label(
            Input(type="radio", name="rows", value="move", id=f"{NAME}-move", checked=True),
            Span("Move them to"),
        ),
        Select(*heirs, name="to", id=f"{NAME}-to", aria_label="Profile that gets the rows"),
        Label(Input(type="radio", name="rows", value="delete", id=f"{NAME}-drop"), Span("Delete them as well")),
        cls="fate",
    )
