"""The events of `GET /events` as bytes. docs/events.md is their manual."""

import json
from collections.abc import Sequence
from typing import Any, Literal

from apps.tables import Row
from bus.messages import (
    JobProgressed,
    LlmFailed,
    LlmFinished,
    LlmStarted,
    LlmToken,
    Message,
    StoreChanged,
)
from bus.wire import Envelope, Header

KINDS: tuple[type[Message], ...] = (StoreChanged, LlmStarted, LlmToken, LlmFinished, LlmFailed, JobProgressed)
"""Kinds of messages that become events."""

REPLAYED: tuple[type[Message], ...] = (StoreChanged, LlmToken, LlmFinished, LlmFailed)
"""Kinds whose missed messages are told to a reader that comes back."""

OPENED = "opened"
GAP = "gap"
CLOSED = "closed"
"""Names of the events that are ours. Names of kinds have a dot, ours have none."""

Reason = Literal["slow", "revoked", "key", "stopping"]

SENTENCES: dict[Reason, str] = {
    "slow": "You read more slowly than events came, so some were left out. Connect again, and read all you show.",
    "revoked": "The session was ended, by `pianola sessions` or a newer one. Sign in again.",
    "key": "The key was revoked, or has expired. `pianola key add` makes another one.",
    "stopping": "The web process stops or restarts. Connect again in a moment.",
}

PING = b": ping\n\n"
"""A comment, which clients ignore. It shows that the connection is there."""


def event(name: str, data: Any) -> bytes:
    """Return an event. `data` becomes JSON, which has no line breaks."""
    return f"event: {name}\ndata: {as_json(data)}\n\n".encode(errors="replace")


def with_id(position: object, one: bytes) -> bytes:
    """Return an event with its id: where a reader is that has got it."""
    return f"id: {position}\n".encode() + one


def of_message(heard: Envelope) -> bytes:
    """Return a message of the bus as an event, named like its kind."""
    message: Message = heard.message
    return event(message.kind, {"key": heard.key, "header": heard.header._asdict(), "body": message.body()})


def of_change(change: Row, fact: StoreChanged) -> bytes:
    """Return a fact from the history as an event. Its header has only what the history knows."""
    header = Header(id="", cause=change["asked"], sender="", seq=0, sent=change["at"])
    return event(fact.kind, {"key": fact.table, "header": header._asdict(), "body": fact.body()})


def opened(kinds: Sequence[str]) -> bytes:
    """Return the first event. It names the kinds that follow."""
    return event(OPENED, {"kinds": list(kinds)})


def closed(reason: Reason) -> bytes:
    """Return the last event, which says why no more follow."""
    return event(CLOSED, {"reason": reason, "text": SENTENCES[reason]})


def as_json(data: Any) -> str:
    """Return data as JSON in one line; numbers that JSON does not know become null."""
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False)
    except ValueError:  # deep in a row there may be numbers that JSON does not know
        known = json.loads(json.dumps(data), parse_constant=lambda _name: None)
        return json.dumps(known, ensure_ascii=False)
