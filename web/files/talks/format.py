"""The file of conversations: what it holds, and how one that was received is checked. Pure.

`{"pianola": "conversations", "version": 1, "conversations": […]}`. A conversation has the fields of the table
`conversation`, and `messages`, the oldest first, with the fields in `SAID`. Ids mean something only within the file.
What a message knows of changes in apps is left out: they are changes of one machine.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from apps.core import CONVERSATION, MESSAGE
from apps.tables import Row
from bus.errors import PianolaError
from bus.servers.titles import called

VERSION = 1
KIND = "conversations"
TALK = ("id", "title", "titled", "pinned", "created", "parent", "before", "version")
SAID = ("id", "role", "purpose", "state", "text", "thinking", "reply_to", "model", "problem", "created", "app")
KEPT_DETAIL = ("spans", "folded")
"""What `detail` keeps: where instructions stand in the text, and where it is folded."""
IMPORTED = "imported"
"""In `detail` of a message that was imported: nobody waits for an answer to it."""
ENDED = {"streaming": "stopped", "proposed": "declined", "agreed": "declined"}
"""States that stand for work to do, and what becomes of them in a file."""

EMPTY = "The file is empty. Expected a JSON file that Pianola exported. Nothing was imported."
NO_EXPORT = "This is no file of conversations that Pianola exported (“Export as JSON”). Nothing was imported."
NEWER = (
    "This file was exported by a newer version of Pianola (format {version}; this one reads up to {known}). "
    "Update Pianola, then import it again. Nothing was imported."
)
BAD = "{where} of the file cannot be read: {problem} Nothing was imported."


class BadFile(PianolaError):
    """A file that is no export of conversations, or of a newer version."""


# --- out ---


def written_talk(row: Row, messages: Iterable[Row]) -> str:
    """Return a conversation as a line of JSON."""
    return json.dumps({**{name: row[name] for name in TALK}, "messages": [*map(said, messages)]}, ensure_ascii=False)


def said(row: Row) -> dict[str, Any]:
    """Return a message as it stands in a file."""
    detail = {name: value for name, value in (row["detail"] or {}).items() if name in KEPT_DETAIL}
    made = {name: row[name] for name in SAID} | ({"detail": detail} if detail else {})
    return made | {"state": ENDED.get(row["state"], row["state"])}


def as_markdown(row: Row, messages: Iterable[Row]) -> Iterator[str]:
    """Yield a conversation in Markdown."""
    title = row["title"] or f"Conversation {row['id']}"
    yield f"# {title}\n\n"
    for message in messages:
        text = str(message["text"]).strip()
        if message["role"] == "action":
            yield f"> {text}\n\n"
        elif text:
            yield f"**{author(message)}**, {at(message)}\n\n{text}\n\n"


def author(message: Row) -> str:
    """Return who said a message."""
    if message["role"] == "user":
        return "You"
    return {"note": "Summary"}.get(message["purpose"]) or called(str(message["model"])) or "Assistant"


def at(message: Row) -> str:
    """Return when a message was said."""
    return f"{datetime.fromtimestamp(message['created'] or 0).astimezone():%Y-%m-%d %H:%M}"


# --- in ---


def read_file(data: bytes) -> list[Row]:
    """Return the conversations in a file, checked, each with its `messages`; raises `BadFile`."""
    if not data.strip():
        raise BadFile(EMPTY)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise BadFile(NO_EXPORT) from None
    if type(found) is not dict or found.get("pianola") != KIND or type(found.get("version")) is not int:
        raise BadFile(NO_EXPORT)
    if found["version"] > VERSION:
        raise BadFile(NEWER.format(version=found["version"], known=VERSION))
    talks = found.get("conversations")
    if type(talks) is not list:
        raise BadFile(NO_EXPORT)
    return [checked_talk(number, talk) for number, talk in enumerate(talks, 1)]


def checked_talk(number: int, talk: object) -> Row:
    """Return a conversation of a file; raises `BadFile` when a value does not fit its field."""
    where = f"Conversation {number}"
    if type(talk) is not dict or type(talk.get("messages")) is not list or type(talk.get("id")) is not int:
        raise BadFile(BAD.format(where=where, problem="it has no id, or no list of messages."))
    row = {"id": talk["id"], **checked(where, CONVERSATION.all_fields, talk, TALK[1:])}
    messages = [checked_message(f"{where}, message {at}", one) for at, one in enumerate(talk["messages"], 1)]
    return {**row, "messages": messages}


def checked_message(where: str, message: object) -> Row:
    """Return a message of a file."""
    if type(message) is not dict or type(message.get("id")) is not int:
        raise BadFile(BAD.format(where=where, problem="it has no id."))
    row = {"id": message["id"], **checked(where, MESSAGE.all_fields, message, SAID[1:])}
    detail = message.get("detail")
    kept = {name: detail[name] for name in KEPT_DETAIL if name in detail} if type(detail) is dict else {}
    row["detail"] = checked(where, MESSAGE.all_fields, {"detail": {**kept, IMPORTED: True}}, ("detail",))["detail"]
    return {**row, "state": ENDED.get(row.get("state", "done"), row.get("state", "done"))}


def checked(where: str, fields: Any, found: Row, names: Iterable[str]) -> Row:
    """Return those values that are there, each checked by its field."""
    try:
        return {name: fields[name].checked(found[name]) for name in names if found.get(name) is not None}
    except PianolaError as problem:
        raise BadFile(BAD.format(where=where, problem=problem)) from None
