"""The dialog in which the user edits a message of theirs and sends it again."""

from fastcore.xml import FT

from apps.core import MESSAGE
from apps.tables import Row
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Footer, P, Textarea, command_form

NAME = "message-edit"


def edit_dialog(row: Row, versions: int) -> FT:
    """Return the dialog. It stays until the message is sent, so that a refused text is not lost.

    `versions`: how many other versions the message has now; when it is sent, another tab may have made one more.
    """
    return dialog(
        NAME,
        "Edit and send again",
        P("A new version of the talk begins here. This one is kept, and what was done stays done.", cls="note"),
        command_form(
            "edit-message",
            Textarea(
                row["text"],
                name="text",
                rows="5",
                maxlength=str(MESSAGE.all_fields["text"].limit),
                autofocus=True,
                required=True,
                aria_label="Your message",
                data_sends=True,
            ),
            Footer(
                Button("Send", type="submit", cls="primary"),
                Button("Cancel", type="button", data_close=True),
                cls="tools",
            ),
            values={"message": row["id"], "versions": versions},
            id=f"{NAME}-form",
            data_draft=f"edit-{row['id']}",
            data_stays=True,
        ),
    )
