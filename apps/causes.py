"""Why a change happened: the chain from its order back to the words, the click or the change that led to it. Pure.

Ids of orders tell what they follow from: `5.1#0` carries out an instruction of the first attempt at message 5,
`answer-4` answers message 4, `toggle-NONCE` is a click of the user.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from apps.sentences import LONGEST_NAME, shortened
from apps.tables import Row

GENERATED = re.compile(r"(?:[a-z]+-)?(\d+)\.\d+(?:#\d+.*)?")
"""An order that follows from the text of a message that was generated."""
ANSWERED = re.compile(r"answer-(\d+)")
"""An order that follows from a message of the user."""
CLICKED = re.compile(r"[a-z]+(?:-[a-z]+){0,2}-[A-Za-z0-9_]{8,64}(?:-[a-z0-9-]+)?")
"""An order of the page: the command's name, its nonce, and perhaps a step."""


@dataclass(frozen=True, slots=True)
class Why:
    """What led to a change. `message`: one of the conversation, 0 for none; `change`: a revision, 0 for none."""

    sentence: str
    message: int = 0
    change: int = 0
    file: str = ""
    """Of an import: what was imported."""
    chain: tuple[str, ...] = ()
    """Ids from the order back, the newest first."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was read about the orders and causes of some changes."""

    messages: Mapping[int, Row]
    changes: Mapping[str, Row]
    """By the id of the order that made them."""
    files: Mapping[int, str]
    """Names of imported files, by the id of the import."""


def messages_named(changes: list[Row]) -> set[int]:
    """Return the ids of the messages from which changes follow."""
    return {message for change in changes if (message := message_of(change))}


def message_of(change: Row) -> int:
    """Return the message that a change's order, or the cause of it, names; 0 for none."""
    for pattern in (GENERATED, ANSWERED):
        for name in (change["asked"], change["cause"]):
            if found := pattern.fullmatch(name):
                return int(found[1])
    return 0


def why(change: Row, known: Known) -> Why:
    """Return what led to a change."""
    ids = tuple(name for name in (change["asked"], change["cause"]) if name)
    if message := known.messages.get(message_of(change)):
        return because_of_words(message, known, ids)
    if earlier := known.changes.get(change["cause"]):
        return because_of_change(change, earlier, known, ids)
    if change["actor"] == "user" and CLICKED.fullmatch(change["asked"]):
        return Why("A click in the page", chain=ids)
    return Why("No cause was said", chain=ids)


def because_of_words(message: Row, known: Known, ids: tuple[str, ...]) -> Why:
    """Follow an answer to the words that it answers."""
    chain = (*ids, f"message {message['id']}")
    asked = known.messages.get(message["reply_to"])
    if asked:
        chain = (*chain, f"message {asked['id']}")
    words = asked or message
    said = shortened(words["text"], LONGEST_NAME)
    who = {"user": "You wrote", "assistant": "The assistant said"}.get(words["role"], "The assistant did")
    return Why(f"{who} “{said}”" if said else who, message=words["id"], chain=chain)


def because_of_change(change: Row, earlier: Row, known: Known, ids: tuple[str, ...]) -> Why:
    """Name the change that led to this one; for an import, its file."""
    chain = (*ids, f"change {earlier['id']}")
    if earlier["subject"] == "import":
        file = known.files.get(earlier["row"], "a file")
        return Why(f"The import of “{file}”", file=file, chain=chain)
    if earlier["asked"] == change["asked"]:
        return Why("A click in the page", chain=ids)
    return Why(f"Change {earlier['id']}", change=earlier["id"], chain=chain)
