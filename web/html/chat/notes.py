"""A note, which stands for older talk when the model is told of it, as HTML: in the conversation and while edited."""

from fastcore.xml import FT, Safe

from apps.core import MESSAGE
from apps.tables import Row
from web.html.chat.markdown import render
from web.html.parts.about import clock, why_button
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Div, Footer, Header, P, Span, Textarea, command_form, commands, icon_button

NAME = "note-edit"


def note(row: Row) -> tuple[FT | None, ...]:
    """Return what the message of a note shows."""
    edit = icon_button(
        "edit", "Edit the summary", id=f"edit-note-{row['id']}", **commands("ask-note", message=row["id"])
    )
    return (
        Header(
            Span("Summary of older talk", cls="who"),
            clock(row),
            edit,
            why_button("message", row["id"], "Why is there a summary?"),
            cls="about",
        ),
        P("The model reads this in place of what was said before.", cls="note"),
        Div(Safe(render(row["text"])), cls="text"),
        P(row["problem"], cls="problem") if row["problem"] else None,
    )


def note_dialog(row: Row) -> FT:
    """Return the form in which a note is edited."""
    return dialog(
        NAME,
        "Edit the summary",
        P("The model reads this in place of what was said before. What you change here, it knows from then on."),
        command_form(
            "write-note",
            Textarea(
                row["text"],
                name="text",
                rows="8",
                maxlength=str(MESSAGE.all_fields["text"].limit),
                autofocus=True,
                aria_label="Summary of older talk",
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
