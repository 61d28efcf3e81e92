"""The conversation as HTML: one article for each message, with what can be done about it."""

import json
from datetime import UTC, datetime
from functools import partial

from fastcore.xml import FT, Safe

from apps.tables import Row
from web.elements import (
    Article,
    Button,
    Details,
    Div,
    Footer,
    Header,
    P,
    Span,
    Summary,
    Time,
    command_button,
    commands,
    icon_button,
    sentence,
)
from web.markdown import render
from web.views import OLDER_ID, PageView, message_id

REHEARSAL = "rehearsal"
"""Name under which the built-in player answers."""

UNFINISHED = ("failed", "interrupted", "stopped")
"""States of an answer after which it can be tried again."""

STATE_WORDS = {
    "stopped": "Stopped.",
    "agreed": "On it …",
    "declined": "Not done.",
    "refused": "Could not be done.",
    "undone": "Undone.",
}


def chat_log(view: PageView) -> FT:
    """Return the whole conversation in view."""
    return Div(
        _start(),
        older_button() if view.more else None,
        *(
            article(row, view.streaming.get(row["id"]), marked=row["id"] == view.marked_message)
            for row in view.messages
        ),
        id="chat-log",
        role="log",
        aria_label="Conversation",
        aria_busy="true" if view.streaming else "false",
        data_conversation=str(view.conversation["id"]) if view.conversation else None,
    )


def _start() -> FT:
    """What stands in an empty conversation; hidden by CSS as soon as something follows it."""
    return Div(
        P("Nothing said yet.", cls="empty-title"),
        P("Ask something, or say what to do with the list: “add milk”. The assistant also hears what you do there."),
        cls="empty",
    )


def older_button() -> FT:
    """Return the way to older messages; the script takes it by itself when it comes into view."""
    return Button("Older messages", type="button", id=OLDER_ID, data_more=True, **commands("older"))


def article(row: Row, text: str | None = None, *, marked: bool = False) -> FT:
    """Return a message. `text`: what there is so far while it is being generated, shown as it is.

    `marked`: the page is to point it out.
    """
    body = {"assistant": _answer, "action": _action}.get(row["role"], _saying)
    return Article(
        *body(row, text),
        id=message_id(row["id"]),
        cls="message",
        data_role=row["role"],
        data_state=row["state"],
        data_purpose=row["purpose"],
        data_marked=True if marked else None,
        tabindex="-1" if marked else None,
        aria_label=_spoken_name(row),
    )


def _spoken_name(row: Row) -> str:
    if row["role"] == "assistant":
        return "Remark" if row["purpose"] == "comment" else "Answer"
    return "You" if row["role"] == "user" else "Action of the assistant"


# --- what the user said ---


def _saying(row: Row, _text: str | None) -> tuple[FT | None, ...]:
    return Div(row["text"], cls="text"), Header(_clock(row), _copy(row["text"]), cls="about")


def _clock(row: Row) -> FT:
    made = datetime.fromtimestamp(row["created"] or 0, UTC)
    local = made.astimezone()
    return Time(local.strftime("%H:%M"), datetime=made.isoformat(timespec="seconds"), title=local.strftime("%c"))


def _copy(text: str) -> FT:
    return icon_button("copy", "Copy the message", data_copy=text)


# --- what the assistant says ---


def _answer(row: Row, text: str | None) -> tuple[FT | None, ...]:
    streaming = row["state"] == "streaming"
    shown = row["text"] if text is None else text
    return (
        Header(_player(row), _clock(row), _copy(row["text"]) if row["text"] and not streaming else None, cls="about"),
        _thinking(row),
        Div(shown if streaming else Safe(render(shown)), cls="text"),
        _waiting(row) if streaming else None,
        None if streaming else _ending(row),
        Footer(*_ways_on(row), cls="tools") if row["state"] in UNFINISHED else None,
    )


def _player(row: Row) -> FT:
    if row["model"] == REHEARSAL:
        return Span("Rehearsal ", Span("no model", cls="badge"), cls="who")
    return Span(row["model"] or "Assistant", cls="who")


def _thinking(row: Row) -> FT:
    thoughts = row["thinking"]
    return Details(
        Summary("Thoughts"),
        Div(thoughts, cls="thoughts"),
        id=f"thinking-{row['id']}",
        cls="thinking",
        hidden=not thoughts,
    )


def _waiting(row: Row) -> FT:
    """Return what stands in the place of an answer until its first token; CSS hides it then."""
    state = Span(waited_for(row["model"]), cls="state")
    return P(Span(cls="keys", aria_hidden="true"), state, id=f"waiting-{row['id']}", cls="waiting")


def waited_for(model: str, *, loaded: bool = True) -> str:
    """Return in a few words why there is no token yet."""
    name = "The rehearsal player" if model == REHEARSAL else model or "The model"
    return f"{name} is asked …" if loaded else f"{name} is being loaded into memory …"


def _ending(row: Row) -> FT | None:
    """Why it ended otherwise than well."""
    if row["problem"]:
        return P(*sentence(row["problem"]), cls="problem")
    word = STATE_WORDS.get(row["state"])
    return P(word, cls="note") if word else None


def _ways_on(row: Row) -> tuple[FT, ...]:
    retry = command_button("Retry", "retry", message=row["id"])
    return (retry, command_button("Continue", "continue", message=row["id"])) if row["text"] else (retry,)


# --- what the assistant does ---


def _action(row: Row, _text: str | None) -> tuple[FT | None, ...]:
    offer = _OFFERS.get(row["state"])
    return (
        Div(row["text"], cls="text"),
        Header(_instruction(row), _clock(row), cls="about"),
        _ending(row),
        Footer(*offer(row), cls="tools") if offer else None,
    )


def _instruction(row: Row) -> FT | None:
    """The order behind the words, for those who want to see it."""
    instruction = (row["detail"] or {}).get("instruction")
    if not instruction:
        return None
    written = json.dumps(instruction, ensure_ascii=False, indent=1)
    return Details(Summary("Order"), Div(written, cls="thoughts"), id=f"instruction-{row['id']}", cls="thinking")


def _offer_undo(row: Row) -> tuple[FT, ...]:
    change = (row["detail"] or {}).get("change")
    return (command_button("Undo", "undo", change=change),) if change else ()


def _offer_choice(row: Row) -> tuple[FT, ...]:
    button = partial(command_button, message=row["id"])
    return button("Do it", "agree", cls="primary"), button("Don’t", "decline")


_OFFERS = {"applied": _offer_undo, "proposed": _offer_choice}
