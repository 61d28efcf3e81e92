"""The events of `GET /events` as bytes. docs/events.md is their manual."""

import json
from typing import Any, Literal

from bus.messages import (
    JobProgressed,
    LlmFailed,
    LlmFinished,
    LlmStarted,
    LlmToken,
    Message,
    StoreChanged,
)
from bus.wire import Envelope

KINDS: tuple[type[Message], ...] = (StoreChanged, LlmStarted, LlmToken, LlmFinished, LlmFailed, JobProgressed)
"""Kinds of messages that become events."""

OPENED = "opened"
CLOSED = "closed"
"""Names of the first and of the last event, which are ours. Names of kinds have a dot, ours have none."""

Reason = Literal["slow", "revoked", "stopping"]

SENTENCES: dict[Reason, str] = {
    "slow": "You read more slowly than events came, so some were left out. Connect again, and read all you show.",
    "revoked": "The session was ended, by `pianola sessions` or a newer one. Sign in again.",
    "stopping": "The web process stops or restarts. Connect again in a moment.",
}

PING = b": ping\n\n"
"""A comment, which clients ignore. It shows that the connection is there."""


def event(name: str, data: Any) -> bytes:
    """Return an event. `data` becomes JSON, which has no line breaks."""
    return f"event: {name}\ndata: {as_json(data)}\n\n".encode(errors="replace")


def of_message(heard: Envelope) -> bytes:
    """Return a message of the bus as an event, named like its kind."""
    message: Message = heard.message
    return event(message.kind, {"key": heard.key, "header": heard.header._asdict(), "body": message.body()})


def opened() -> bytes:
    """Return the first event. It names the kinds that follow."""
    return event(OPENED, {"kinds": [kind.kind for kind in KINDS]})


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
