"""The dialog that puts off a row: in an hour, this evening, tomorrow, next week, or another day."""

from fastcore.xml import FT

from apps.due.near import near
from apps.due.snooze import choices, snoozed
from apps.sentences import shortened
from apps.tables import Row, Table
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Div, Footer, Input, Label, P, Span, command_form, commands
from web.state.rows.context import RowContext

LONGEST_TITLE = 100


def snooze_dialog(table: Table, row: Row, due: str | None, context: RowContext) -> FT:
    """Return the dialog. `due`: when the row is due now."""
    which = {"table": table.name, "id": row["id"]}
    now = context.now
    buttons = (
        Button(
            label,
            " ",
            Span(near(snoozed(name, due, now), now, context.reader), cls="count"),
            type="button",
            cls="choice",
            **commands("snooze", to=name, **which),
        )
        for name, label in choices(now).items()
    )
    name = f"snooze-{table.name}-{row['id']}"
    return dialog(
        name,
        "Snooze",
        P(shortened(str(row[table.title_field.name]), LONGEST_TITLE), dir="auto"),
        Div(*buttons, cls="choices"),
        command_form(
            "snooze",
            Label(
                Span("Another day"),
                Input(type="date", name="to", id=f"{name}-day", required=True, min=now.date().isoformat()),
                cls="field",
            ),
            Footer(Button("Snooze", type="submit", cls="primary"), cls="tools"),
            values=which,
        ),
    )


def part_dialog(table: Table, row: Row) -> FT:
    """Return the dialog that adds a part of a row."""
    title = table.title_field
    name = f"part-{table.name}-{row['id']}"
    return dialog(
        name,
        "Add a part",
        P(f"Part of “{shortened(str(row[title.name]), LONGEST_TITLE)}”", dir="auto"),
        command_form(
            "enter",
            Input(
                name=title.name,
                id=f"{name}-title",
                aria_label="Title of the part",
                required=True,
                maxlength=title.limit,
                autocomplete="off",
                autofocus=True,
                dir="auto",
            ),
            Footer(Button("Add", type="submit", cls="primary"), cls="tools"),
            values={"table": table.name, "under": row["id"]},
        ),
    )
