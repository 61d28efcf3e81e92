"""Summaries as HTML. A summary (purpose `note`) is a message that the model reads instead of the older messages."""

from fastcore.xml import FT, Safe

from apps.core import MESSAGE
from apps.tables import Row
from web.html.chat.markdown import render
from web.html.chat.message_menu import menu_button
from web.html.parts.about import clock
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Div, Footer, Header, P, Span, Textarea, command_form, commands, icon_button

NAME = "note-edit"
TITLE = "Summary of older messages"


def note(row: Row) -> tuple[FT | None, ...]:
    """Return what the message of a summary shows."""
    edit = icon_button(
        "edit", "Edit the summary", id=f"edit-note-{row['id']}", **commands("ask-note", message=row["id"])
    )
    return (
        Header(
            Span(TITLE, cls="who"),
            clock(row),
            edit,
            menu_button(row),
            cls="about",
        ),
        P("The model reads this instead of the older messages.", cls="note"),
        Div(Safe(render(row["text"])), cls="text", dir="auto"),
        P(row["problem"], cls="problem") if row["problem"] else None,
    )


def note_dialog(row: Row) -> FT:
    """Return the dialog in which a summary is edited."""
    return dialog(
        NAME,
        "Edit the summary",
        P("The model reads this instead of the older messages. From its next answer on it reads your new version."),
        command_form(
            "write-note",
            Textarea(
                row["text"],
                name="text",
                rows="8",
                maxlength=str(MESSAGE.all_fields["text"].limit),
                autofocus=True,
                aria_label=TITLE,
            ),
            Footer(
                Button("Save", type="submit", cls="primary"),
                Button("Cancel", type="button", data_close=True),
                cls="tools",
            ),
            values={"message": row["id"], "before": row["text"]},
            id=f"{NAME}-form",
        ),
    )
