"""The conversations as HTML: the menu above the chat, and the dialogs to rename and delete one."""

from fastcore.xml import FT

from apps.tables import Row
from web.html.parts.dialogs import dialog
from web.html.parts.elements import (
    A,
    Button,
    Details,
    Div,
    Footer,
    Li,
    P,
    Span,
    Summary,
    TextInput,
    Ul,
    command_button,
    command_form,
    commands,
    icon_button,
)
from web.state.filters import TALK
from web.state.page_view import PageView


def conversation_menu(view: PageView) -> FT:
    """Return the menu of conversations."""
    current = view.conversation
    return Details(
        Summary(
            Span(conversation_title(current) if current else "New conversation", cls="chosen"), title="Conversations"
        ),
        Div(
            P("Your first message starts one.", cls="note") if not view.conversations else None,
            Ul(*(_conversation(one, current) for one in view.conversations))
            if "conversations" in view.panels
            else None,
            cls="panel",
        ),
        id="conversation-menu",
        cls="menu",
        data_panel=view.empty("conversations"),
    )


def conversation_title(row: Row) -> str:
    """Return the title of a conversation for people."""
    return row["title"] or f"Conversation {row['id']}"


def _conversation(row: Row, current: Row | None) -> FT:
    chosen, key, title = current is not None and row["id"] == current["id"], row["id"], conversation_title(row)
    return Li(
        A(
            Span(title, cls="chosen", dir="auto"),
            href=f"?{TALK}={key}",
            id=f"conversation-{key}",
            cls="choice",
            aria_current="true" if chosen else None,
            data_talk=key,
        ),
        icon_button("edit", f"Rename “{title}”", **commands("ask_rename", conversation=key)),
        icon_button("delete", f"Delete “{title}”", **commands("ask_delete", conversation=key)),
        cls="conversation",
    )


def rename_dialog(row: Row) -> FT:
    """Return the dialog that asks for a new name."""
    return dialog(
        "conversation-rename",
        "Rename the conversation",
        command_form(
            "update",
            TextInput(
                type="text",
                name="title",
                value=conversation_title(row),
                maxlength="200",
                required=True,
                autofocus=True,
                autocomplete="off",
                aria_label="Name",
            ),
            Footer(
                Button("Rename", type="submit", cls="primary"),
                Button("Cancel", type="button", data_close=True),
                cls="tools",
            ),
            values={"table": "conversation", "id": row["id"]},
            id="conversation-rename-form",
        ),
    )


def delete_dialog(row: Row, messages: int) -> FT:
    """Return the dialog that asks whether to delete, and says what happens then."""
    what = {0: "It has no messages.", 1: "Its only message is deleted too."}
    return dialog(
        "conversation-delete",
        f"Delete “{conversation_title(row)}”?",
        P(what.get(messages, f"Its {messages:,} messages are deleted too.")),
        P("What the assistant did in your apps stays as it is. An answer that is being written is stopped."),
        Footer(
            command_button("Delete", "delete_conversation", cls="danger", conversation=row["id"]),
            command_button("Erase it for good …", "erase-ask", table="conversation", id=row["id"]),
            Button("Keep it", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
    )
