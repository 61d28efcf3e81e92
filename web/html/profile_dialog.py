"""The dialog before a profile is deleted, as HTML: it asks what to do with the profile's rows."""

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
    command_button,
    command_form,
)
from web.state.fields import noun
from web.state.words import count

NAME = "profile-question"


def profile_dialog(row: Row, others: Sequence[Row], tables: Sequence[Table], counts: Mapping[str, int]) -> FT:
    """Return the dialog. `others`: the profiles that can take over the rows. `counts`: rows of the profile, by table.

    The form sends the counts back, so that the server sees if they have changed.
    """
    owned = owned_words(tables, counts)
    asked = command_form(
        "profile-delete",
        P(f"It has {owned}." if owned else "It has no rows."),
        rows_choice(others) if owned else None,
        P("You can undo this in the journal.", cls="note"),
        Footer(
            Button("Delete the profile", type="submit", cls="danger"),
            command_button("Delete for good …", "erase-ask", table="profile", id=row["id"]),
            Button("Keep it", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
        values={"id": row["id"], "counts": json.dumps(counts)},
        id=f"{NAME}-form",
    )
    return dialog(NAME, f"Delete the profile “{row['name']}”?", asked)


def owned_words(tables: Sequence[Table], counts: Mapping[str, int]) -> str:
    """Return the rows of a profile in words: "3 todos, 1 link"."""
    return ", ".join(count(counts[table.name], noun(table)) for table in tables if counts.get(table.name))


def rows_choice(others: Sequence[Row]) -> FT:
    """Return the choice between moving and deleting the rows."""
    options = (Option(one["name"], value=str(one["id"])) for one in others)
    return Fieldset(
        Legend("What should happen to them?"),
        Label(
            Input(type="radio", name="rows", value="move", id=f"{NAME}-move", checked=True),
            Span("Move them to"),
        ),
        Select(*options, name="to", id=f"{NAME}-to", aria_label="Profile that gets the rows"),
        Label(Input(type="radio", name="rows", value="delete", id=f"{NAME}-drop"), Span("Delete them too")),
        cls="fate",
    )
