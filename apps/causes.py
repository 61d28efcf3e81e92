"""Why a change happened: the chain from its order back to the message, the click or the change that caused it. Pure.

The id of an order says where it comes from: `5.1#0` carries out an instruction in the first attempt at message 5,
`answer-4` answers message 4, `toggle-NONCE` is a click of the user, `shell-toggle-NONCE` a command in a terminal.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from apps.sentences import LONGEST_NAME, shortened
from apps.tables import Row

GENERATED = re.compile(r"(?:[a-z]+-)?(\d+)\.\d+(?:[#-]\d+.*)?")
"""Id of an order that comes from the generated text of a message: `5.1#0`, for an order to a job `run-5.1-0`."""
ANSWERED = re.compile(r"answer-(\d+)")
"""Id of an order that comes from a message of the user."""
CLICKED = re.compile(r"[a-z]+(?:-[a-z]+){0,2}-[A-Za-z0-9_]{8,64}(?:-[a-z0-9-]+)?")
"""Id of an order of the page: name of the command, its nonce, and possibly a step."""
TYPED = re.compile(r"shell-[a-z]+-[0-9a-f]{16}")
"""Id of an order of `pianola order`: its verb, and a unique name."""
ORDERED = re.compile(r"job-[a-z]+-[A-Za-z0-9_]{8,64}")
"""Cause of what happens to a job, and of the rows that it makes: the id of a click that ordered it."""
KEPT = "workflow-keep"
"""Name of the command that keeps what is typed."""


@dataclass(frozen=True, slots=True)
class Why:
    """The cause of a change. `message`: id of a message, 0 for none; `change`: a revision, 0 for none."""

    sentence: str
    message: int = 0
    change: int = 0
    file: str = ""
    """For an import: name of the imported file."""
    chain: tuple[str, ...] = ()
    """Ids from the order back to its cause, the newest first."""


@dataclass(frozen=True, slots=True)
class Known:
    """The rows that were read to find the causes of some changes."""

    messages: Mapping[int, Row]
    changes: Mapping[str, Row]
    """By the id of the order that made the change."""
    files: Mapping[int, str]
    """Names of imported files, by the id of the import."""


def messages_named(changes: list[Row]) -> set[int]:
    """Return the ids of the messages that caused some changes."""
    return {message for change in changes if (message := message_of(change))}


def message_of(change: Row) -> int:
    """Return the id of the message that the change's order or cause names; 0 for none."""
    for pattern in (GENERATED, ANSWERED):
        for name in (change["asked"], change["cause"]):
            if found := pattern.fullmatch(name):
                return int(found[1])
    return 0


def why(change: Row, known: Known) -> Why:
    """Return the cause of a change."""
    ids = tuple(name for name in (change["asked"], change["cause"]) if name)
    if message := known.messages.get(message_of(change)):
        return because_of_words(message, known, ids)
    if earlier := known.changes.get(change["cause"]):
        return because_of_change(change, earlier, known, ids)
    if client := change.get("client"):
        return Why(f"An order of the program “{shortened(client, LONGEST_NAME)}”", chain=ids)
    if change["actor"] == "user" and TYPED.fullmatch(change["asked"]):
        return Why("You ordered it in a terminal", chain=ids)
    if change["actor"] == "user" and CLICKED.fullmatch(change["asked"]):
        return Why("A click in the page", chain=ids)
    if change["asked"].startswith(f"{KEPT}-"):
        return Why("You typed it", chain=ids)
    if ORDERED.fullmatch(change["cause"]):
        return Why("A click in the page, which ordered the job", chain=ids)
    return Why("No cause was said", chain=ids)


def because_of_words(message: Row, known: Known, ids: tuple[str, ...]) -> Why:
    """Return a message as the cause; for an answer, the message that it answers."""
    chain = (*ids, f"message {message['id']}")
    asked = known.messages.get(message["reply_to"])
    if asked:
        chain = (*chain, f"message {asked['id']}")
    words = asked or message
    said = shortened(words["text"], LONGEST_NAME)
    who = {"user": "You wrote", "assistant": "The assistant said"}.get(words["role"], "The assistant did")
    return Why(f"{who} “{said}”" if said else who, message=words["id"], chain=chain)


def because_of_change(change: Row, earlier: Row, known: Known, ids: tuple[str, ...]) -> Why:
    """Return an earlier change as the cause; for an import, its file."""
    chain = (*ids, f"change {earlier['id']}")
    if earlier["subject"] == "import":
        file = known.files.get(earlier["row"], "a file")
        return Why(f"The import of “{file}”", file=file, chain=chain)
    if earlier["asked"] == change["asked"]:
        return Why("A click in the page", chain=ids)
    return Why(f"Change {earlier['id']}", change=earlier["id"], chain=chain)
