"""The questions that wait while an answer comes, as HTML: a list above the field, their menu, a dialog to edit one.

No message of the talk has been made of them yet: see `apps/core.py`, the table `waiting_message`.
"""

from fastcore.xml import FT

from apps.core import WAITING
from apps.sentences import shortened
from apps.tables import Row
from web.html.chat.message_menu import ENTRIES_ID
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Div, Footer, Li, Ol, P, Span, Textarea, command_form, commands, icon_button
from web.state.page_view import PageView
from web.state.words import count

LIST_ID = "chat-waiting"
NAME = "waiting-edit"
LONGEST_SHOWN = 160
"""Characters of a question that are shown; all of them are in the dialog that edits it."""
WAYS = {"up": "Move up", "down": "Move down"}


def waiting_list(view: PageView) -> FT:
    """Return the questions of the conversation in view that wait, in the order in which they will be asked."""
    rows = view.waiting
    return Div(
        P(f"{count(len(rows), 'question')} {'waits' if len(rows) == 1 else 'wait'} for this answer", cls="note"),
        Ol(*(_item(row, is_alone=len(rows) == 1) for row in rows)),
        id=LIST_ID,
        role="region",
        aria_label="Questions that wait",
        hidden=not rows,
    )


def _item(row: Row, *, is_alone: bool) -> FT:
    key, words = row["id"], " ".join(row["text"].split())
    more = icon_button(
        "more", "More …", id=f"more-queued-{key}", aria_haspopup="menu", **commands("waiting-menu", id=key)
    )
    return Li(
        Span(shortened(words, LONGEST_SHOWN), cls="words", dir="auto"),
        icon_button("edit", "Edit the question", id=f"edit-queued-{key}", **commands("waiting-ask-edit", id=key)),
        icon_button("delete", "Remove the question", id=f"remove-queued-{key}", **commands("waiting-remove", id=key)),
        None if is_alone else more,
        id=f"queued-{key}",
        data_waiting=str(key),
    )


def waiting_menu(row: Row, ways: list[str]) -> FT:
    """Return the entries of the menu “…” of a question. `ways`: names in `WAYS`."""
    buttons = (
        Button(
            WAYS[way],
            type="button",
            id=f"{way}-queued-{row['id']}",
            cls="choice",
            role="menuitem",
            tabindex="-1",
            autofocus=place == 0,
            **commands("waiting-move", id=row["id"], way=way),
        )
        for place, way in enumerate(ways)
    )
    return Div(*buttons, id=ENTRIES_ID, data_beside=f"more-queued-{row['id']}")


def waiting_dialog(row: Row) -> FT:
    """Return the dialog that edits a question. It stays until the text is saved, so that a refused one is not lost."""
    return dialog(
        NAME,
        "Edit the question that waits",
        command_form(
            "waiting-edit",
            Textarea(
                row["text"],
                name="text",
                rows="5",
                maxlength=str(WAITING.all_fields["text"].limit),
                autofocus=True,
                required=True,
                aria_label="The question",
                data_sends=True,
            ),
            Footer(
                Button("Save", type="submit", cls="primary"),
                Button("Cancel", type="button", data_close=True),
                cls="tools",
            ),
            values={"id": row["id"], "before": row["text"]},
            id=f"{NAME}-form",
            data_draft=f"edit-queued-{row['id']}",
            data_stays=True,
        ),
    )
