"""The conversations as HTML: the list above the chat, and the dialogs about one or several of them."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from fastcore.xml import FT

from apps.tables import Row
from apps.types.unix_time import date_and_time
from web.html.parts.dialogs import dialog
from web.html.parts.elements import (
    H3,
    A,
    Button,
    Details,
    Div,
    Footer,
    Form,
    Input,
    Label,
    Li,
    P,
    Section,
    Span,
    Summary,
    TextInput,
    Ul,
    command_button,
    command_form,
    commands,
    icon_button,
)
from web.html.parts.excerpts import excerpt, highlighted
from web.state.filters import TALK
from web.state.page_view import PageView
from web.state.talks.lists import LONGEST_WORDS, TALKS_SHOWN, TalkList, heading
from web.state.words import count

EXPORTS = {"md": "Markdown", "json": "JSON"}
"""Formats, by the ending of the file."""


def conversation_menu(view: PageView) -> FT:
    """Return the title of the conversation in view, which opens the list of all."""
    return Details(
        Summary(menu_label(view), title="Conversations"),
        Div(
            Div(
                _search(), _list_menu(), Button("Close", type="button", id="talk-close", cls="small"), cls="talks-head"
            ),
            talk_list(view),
            _several(),
            cls="panel talks",
        ),
        id="conversation-menu",
        cls="menu",
    )


def menu_label(view: PageView) -> FT:
    """Return the title of the conversation in view."""
    title = conversation_title(view.trunk) if view.trunk else "New conversation"
    return Span(title, id="conversation-title", cls="chosen")


def conversation_title(row: Row) -> str:
    """Return the title of a conversation for people."""
    return row["title"] or f"Conversation {row['id']}"


def _search() -> FT:
    return command_form(
        "talks-search",
        TextInput(
            type="text",
            name="words",
            id="talk-words",
            placeholder="Search in all conversations",
            aria_label="Search in all conversations",
            aria_controls="talk-list",
            autocomplete="off",
            spellcheck="false",
            maxlength=str(LONGEST_WORDS),
        ),
        values={},
        id="talk-search",
        hx_trigger="input delay:120ms, submit",
        data_stays=True,
        data_repeats=True,
    )


def _list_menu() -> FT:
    """Return the menu of what can be done with several conversations."""
    return Details(
        Summary(Span("…", aria_hidden="true"), aria_label="More about conversations", title="More"),
        Div(
            Button("Select several", type="button", id="talk-select", cls="choice"),
            *(
                A(f"Export all as {name}", href=export(ending), cls="choice", download=True)
                for ending, name in EXPORTS.items()
            ),
            Label("Import …", Input(type="file", id="talk-import", accept=".json", cls="hidden"), cls="choice"),
            cls="panel",
        ),
        id="talks-menu",
        cls="menu",
    )


def export(ending: str, *conversations: int) -> str:
    """Return the address of a file with conversations; of all, if none are named."""
    return f"/conversations.{ending}{'?' if conversations else ''}{'&'.join(f'id={key}' for key in conversations)}"


def _several() -> FT:
    """Return the buttons for the selected conversations. The script shows them while some can be selected."""
    return Form(
        Button("Delete …", type="button", id="talk-delete", cls="small"),
        *(
            Button(f"Export as {name}", type="submit", formaction=export(ending), cls="small")
            for ending, name in EXPORTS.items()
        ),
        Button("Cancel", type="button", id="talk-select-end", cls="small"),
        id="talk-several",
        method="get",
        action=export("json"),
        cls="tools",
    )


# --- the list ---


def talk_list(view: PageView) -> FT:
    """Return the conversations under their headings, each a link."""
    shown, current = view.conversations, view.trunk["id"] if view.trunk else 0
    return Div(
        *(_found(shown, current) if shown.words else _by_date(shown, current)),
        _note(shown),
        _further(shown),
        id="talk-list",
    )


def _by_date(shown: TalkList, current: int) -> Iterator[FT]:
    today = date.today()
    for title, rows in groupby(shown.rows, lambda row: heading(row, today)):
        yield Section(H3(title), Ul(*(_talk(row, current) for row in rows)), aria_label=title)


def _found(shown: TalkList, current: int) -> Iterator[FT]:
    words = shown.words.split()
    for row in shown.rows:
        hit = shown.hits.get(row["id"])
        said = Span(*highlighted(excerpt(hit.text, words), words), cls="said", dir="auto") if hit else None
        yield Ul(_talk(row, current, said, message=hit.message if hit else 0))


def _talk(row: Row, current: int, said: FT | None = None, message: int = 0) -> FT:
    key, title = row["id"], conversation_title(row)
    unread = bool(row.get("seen")) and key != current
    return Li(
        Input(
            type="checkbox",
            name="id",
            value=key,
            form="talk-several",
            id=f"talk-tick-{key}",
            aria_label=f"Select “{title}”",
        ),
        A(
            Span(title, cls="chosen", dir="auto"),
            Span("new answer", cls="badge") if unread else None,
            said,
            href=f"?{TALK}={key}",
            id=f"conversation-{key}",
            cls="choice",
            title=date_and_time(row["created"] or 0, "%c"),
            aria_current="true" if key == current else None,
            data_talk=key,
            data_message=message or None,
        ),
        icon_button("more", f"More about “{title}”", id=f"talk-more-{key}", **commands("talk-menu", conversation=key)),
        cls="conversation",
        data_unread=unread or None,
    )


def _note(shown: TalkList) -> FT | None:
    if shown.words:
        more = f" More than {TALKS_SHOWN} conversations have these words: write more of them." if shown.more else ""
        return P(f"{'' if shown.rows else 'Nothing found.'}{more}", cls="note") if more or not shown.rows else None
    return P("Your first message starts one.", cls="note") if not shown.rows and not shown.offset else None


def _further(shown: TalkList) -> FT | None:
    """Return the buttons to newer and to older conversations."""
    if shown.words or not (shown.more or shown.offset):
        return None
    newer, older = max(0, shown.offset - TALKS_SHOWN), shown.offset + sum(not row["pinned"] for row in shown.rows)
    return Div(
        command_button("Newer", "talks", cls="small", offset=newer) if shown.offset else None,
        command_button("Older", "talks", cls="small", offset=older) if shown.more else None,
        cls="tools",
    )


# --- dialogs ---


def talk_dialog(row: Row, *, asks_here: bool) -> FT:
    """Return the dialog of what can be done with a conversation. `asks_here`: `pianola ask` writes into it."""
    key = row["id"]
    asks = "Stop “pianola ask” writing into it" if asks_here else "Let “pianola ask” write into it"
    entries = (
        ("Rename …", "ask_rename", {"conversation": key}),
        ("Unpin" if row["pinned"] else "Pin", "toggle", {"table": "conversation", "id": key, "field": "pinned"}),
        (asks, "ask-here", {"conversation": key}),
    )
    return dialog(
        "conversation-more",
        conversation_title(row),
        Ul(
            *(Li(command_button(label, do, cls="choice", **values)) for label, do, values in entries),
            *(
                Li(A(f"Export as {name}", href=export(ending, key), cls="choice", download=True))
                for ending, name in EXPORTS.items()
            ),
            Li(A("Print", href=f"/print/talk/{key}", target="_blank", cls="choice")),
            Li(command_button("Delete …", "ask_delete", cls="choice", conversation=key)),
            cls="choices",
        ),
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
            values={"table": "conversation", "id": row["id"], "titled": "user"},
            id="conversation-rename-form",
        ),
    )


KEPT_BY_FORKS = "What forks of it show is kept."


def delete_dialog(rows: list[Row], messages: int, *, versions: int = 0, forks: int = 0) -> FT:
    """Return the dialog that asks whether to delete conversations, and says what happens then.

    `messages`: how many are deleted, also those of their `versions`. `forks`: those that branched from them.
    """
    several = len(rows) > 1
    keys = ",".join(str(row["id"]) for row in rows)
    title = f"Delete {count(len(rows), 'conversation')}?" if several else f"Delete “{conversation_title(rows[0])}”?"
    return dialog(
        "conversation-delete",
        title,
        Ul(*(Li(conversation_title(row)) for row in rows)) if several else None,
        P(_what_goes(messages, several=several)),
        P("The versions that came from edits and other answers go, too.") if versions else None,
        P(KEPT_BY_FORKS) if forks else None,
        P("What the assistant did in your apps stays as it is. An answer that is being written is stopped."),
        Footer(
            command_button("Delete", "delete_conversation", cls="danger", conversation=keys),
            None
            if several
            else command_button("Erase it for good …", "erase-ask", table="conversation", id=rows[0]["id"]),
            Button("Keep them" if several else "Keep it", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
    )


def _what_goes(messages: int, *, several: bool) -> str:
    if not messages:
        return "They have no messages." if several else "It has no messages."
    its = "Their" if several else "Its"
    return f"{its} only message is deleted too." if messages == 1 else f"{its} {messages:,} messages are deleted too."
