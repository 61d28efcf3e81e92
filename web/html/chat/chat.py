"""The conversation as HTML: one article for each message, with its buttons."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from fastcore.xml import FT, Safe

from apps.tables import Row, Table
from apps.types.reader import HERE, Reader
from bus.servers.titles import called
from web.html.chat import cards, notes
from web.html.chat.handing_over import handing_over
from web.html.chat.message_menu import menu_button
from web.html.chat.pieces import pieces
from web.html.chat.progress import REHEARSAL, cost, thought_words, waiting
from web.html.chat.versions import VersionsByMessage, versions_lines
from web.html.parts.about import clock, copy_button
from web.html.parts.elements import (
    A,
    Article,
    Button,
    Details,
    Div,
    Footer,
    Header,
    P,
    Span,
    Summary,
    command_button,
    commands,
    icon_button,
)
from web.html.parts.examples import sentence_examples
from web.html.parts.problem import problem
from web.state.branches.versions import AT_THE_END
from web.state.page_view import MOST_MESSAGES, NEWER_ID, OLDER_ID, PageView, message_id
from web.state.turns import Progress

NOT_BEGUN = Progress()

UNFINISHED = ("failed", "interrupted", "stopped")
"""States of an answer after which the user can retry it. So can an answer that is done, but has a problem."""


def chat_log(view: PageView) -> FT:
    """Return the messages of the conversation in view that the page has."""
    return Div(
        _empty_note(view),
        *(part for row in view.messages for part in _with_versions(_article_of(view, row), row["id"], view.versions)),
        *versions_lines(AT_THE_END, view.versions),
        id="chat-log",
        role="log",
        aria_label="Conversation",
        aria_busy="true" if view.streaming else "false",
        data_conversation=str(view.conversation["id"]) if view.conversation else None,
        data_most=str(MOST_MESSAGES),
    )


def articles(
    rows: Iterable[Row],
    tables: Mapping[str, Table],
    versions: VersionsByMessage,
    progress: Callable[[int], Progress],
    reader: Reader,
) -> list[FT]:
    """Return messages for this reader, each with the lines of its versions; without texts that are being written."""
    drawn = ((row["id"], article(row, tables, progress=progress(row["id"]), reader=reader)) for row in rows)
    return [part for message, one in drawn for part in _with_versions(one, message, versions)]


def _with_versions(drawn: FT, message: int, versions: VersionsByMessage) -> tuple[FT, ...]:
    return drawn, *versions_lines(message, versions)


def _article_of(view: PageView, row: Row) -> FT:
    return article(
        row,
        view.tables,
        view.streaming.get(row["id"], ""),
        progress=view.progress.get(row["id"], NOT_BEGUN),
        marked=row["id"] == view.marked_message,
        reader=view.context.reader,
    )


def _empty_note(view: PageView) -> FT:
    """Return the text of an empty conversation; CSS hides it as soon as a message follows."""
    return Div(
        P("No messages yet.", cls="empty-title"),
        P("Ask a question, or say what to do. The assistant also sees what you do beside this."),
        sentence_examples(view),
        cls="empty",
    )


def older_button(view: PageView) -> FT:
    """Return the button that loads older messages; the script clicks it when it scrolls into view."""
    return beside_button("older", shown=view.more)


def newer_button(view: PageView) -> FT:
    """Return the button that loads newer messages, for a page that does not go to the end of the conversation."""
    return beside_button("newer", shown=view.later)


def beside_button(do: Literal["older", "newer"], *, shown: bool) -> FT:
    """Return the button before the first message of the page, or after the last one."""
    key, label = (OLDER_ID, "Older messages") if do == "older" else (NEWER_ID, "Newer messages")
    return Button(label, type="button", id=key, cls="beside-log", data_more=True, hidden=not shown, **commands(do))


def article(
    row: Row,
    tables: Mapping[str, Table],
    text: str = "",
    *,
    progress: Progress = NOT_BEGUN,
    marked: bool = False,
    text_stays: bool = False,
    reader: Reader = HERE,
) -> FT:
    """Return a message. `text`: what is shown of it while it is being generated, as HTML.

    `tables`: by name, to show what proposals would change. `progress`: how far it is while it is being generated.
    `marked`: the page scrolls to it and highlights it. `text_stays`: the page keeps the text that it shows.
    `reader`: for whom values are written.
    """
    return Article(
        *_body(row, tables, text, progress, text_stays, reader=reader),
        id=message_id(row["id"]),
        cls="message",
        data_role=row["role"],
        data_state=row["state"],
        data_purpose=row["purpose"],
        data_question=str(row["reply_to"]) if row["role"] == "assistant" and row["reply_to"] else None,
        data_marked=True if marked else None,
        tabindex="-1" if marked else None,
        aria_label=_spoken_name(row),
        **cards.counts(row),
        **cards.folds(row),
    )


def _body(
    row: Row, tables: Mapping[str, Table], text: str, progress: Progress, text_stays: bool, *, reader: Reader
) -> tuple[FT | None, ...]:
    try:
        return _usual_body(row, tables, text, progress, text_stays, reader=reader)
    except Exception:  # anybody may write the `detail` of a message: one must not hide the whole conversation
        return (P(row["text"], cls="text"), P("The rest of this message cannot be shown.", cls="problem"))


def _usual_body(
    row: Row, tables: Mapping[str, Table], text: str, progress: Progress, text_stays: bool, *, reader: Reader
) -> tuple[FT | None, ...]:
    if row["role"] == "action":
        return cards.card(row, tables, reader)
    if row["purpose"] == "note" and row["state"] != "streaming":
        return notes.note(row)
    return _answer(row, text, progress, text_stays) if row["role"] == "assistant" else _user_message(row)


def _spoken_name(row: Row) -> str:
    if row["role"] == "assistant":
        return {"comment": "Remark", "note": notes.TITLE}.get(row["purpose"], "Answer")
    return "You" if row["role"] == "user" else "Action of the assistant"


# --- messages of the user ---


def _user_message(row: Row) -> tuple[FT | None, ...]:
    edit = icon_button("edit", "Edit and send again", id=f"edit-{row['id']}", **commands("ask-edit", message=row["id"]))
    about = (clock(row), copy_button(row["text"]), edit, menu_button(row))
    return Div(row["text"], cls="text", dir="auto"), Header(*about, _proposal_link(row), cls="about")


def _proposal_link(row: Row) -> FT | None:
    """Return a link to the proposal that the message wants to change, if any."""
    proposal = (row["detail"] or {}).get("amends")
    return A("About the proposal", href=f"#{message_id(proposal)}") if type(proposal) is int else None


# --- messages of the assistant ---


def _answer(row: Row, text: str, progress: Progress, text_stays: bool) -> tuple[FT | None, ...]:
    streaming = row["state"] == "streaming"
    return (
        Header(_author(row), clock(row), *_actions(row), cls="about"),
        _thinking(row),
        _text(row, text, text_stays),
        waiting(row, progress) if streaming else None,
        *(() if streaming else _what_differed(row)),
        None if streaming else handing_over(row),
        None if streaming else _ending(row),
        None if streaming else cost(row),
        Footer(*_retry_buttons(row), cls="tools") if _is_unfinished(row) else _undo_all(row),
    )


def _text(row: Row, text: str, stays: bool) -> FT:
    if row["state"] == "streaming":
        return Div(Safe(text), id=text_id(row["id"]), cls="text", dir="auto")
    if stays:
        return Div(id=text_id(row["id"]), cls="text", dir="auto", hx_preserve="true")
    return Div(*map(Safe, pieces(row)), cls="text", dir="auto")


def text_id(message: int) -> str:
    """Return the id of the text of a message that is being written. By it htmx keeps the text at its end."""
    return f"text-{message}"


def _actions(row: Row) -> tuple[FT | None, ...]:
    """Return at most two actions and the menu with the others."""
    if row["state"] == "streaming":
        return ()
    again = commands("another", message=row["id"])
    return (
        copy_button(row["text"]) if row["text"] else None,
        icon_button("again", "Another answer", id=f"again-{row['id']}", **again) if row["reply_to"] else None,
        menu_button(row),
    )


def _what_differed(row: Row) -> Iterator[FT]:
    """Yield what was not as the user would expect: another model answered, or it did not read all of the question."""
    detail = row["detail"] or {}
    if wanted := detail.get("instead_of"):
        who = "the rehearsal player" if row["model"] == REHEARSAL else f"“{called(row['model'])}”"
        yield P(f"“{called(wanted)}” is not there, so {who} answered.", cls="note")
    if left_out := detail.get("left_out"):
        sentence = (
            f"Your message did not fit into the model’s window: it did not read {left_out:,} characters in the middle."
        )
        yield P(sentence, cls="note")


def _undo_all(row: Row) -> FT | None:
    """Return the button that undoes all changes of an answer; the script shows it if there are at least two."""
    if row["state"] != "done" or not row["reply_to"]:
        return None
    button = command_button("Undo everything this answer did", "undo-answer", message=row["id"])
    return Footer(button, cls="tools undo-answer", hidden=True)


def _author(row: Row) -> FT:
    if row["model"] == REHEARSAL:
        return Span("Rehearsal ", Span("no model", cls="badge"), cls="who")
    return Span(called(row["model"]) or "Assistant", cls="who")


def _thinking(row: Row) -> FT:
    thoughts = row["thinking"]
    return Details(
        Summary(thought_words(row)),
        Div(thoughts, cls="thoughts", dir="auto"),
        id=f"thinking-{row['id']}",
        cls="thinking",
        hidden=not thoughts,
    )


def _ending(row: Row) -> FT | None:
    """Return why an answer is not complete; None when it is."""
    if row["problem"]:
        return problem(row["problem"])
    return P("Stopped.", cls="note") if row["state"] == "stopped" else None


def _is_unfinished(row: Row) -> bool:
    return row["state"] in UNFINISHED or (row["state"] == "done" and bool(row["problem"]))


def _retry_buttons(row: Row) -> tuple[FT, ...]:
    retry = command_button("Retry", "retry", message=row["id"])
    return (retry, command_button("Continue", "continue", message=row["id"])) if row["text"] else (retry,)
