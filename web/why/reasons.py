"""Follow causes back, by the store's history: from a row, card or message to the click or sentence where it began.

Also reads what the model was told. `apps/causes.py` knows what the id of an order says about its cause; this file
follows the chain from one cause to the next.
"""

import re
from dataclasses import dataclass
from functools import partial

from apps.causes import message_of, why
from apps.change_lookup import known_about, names_of
from apps.sentences import kind_of, row_ref, shortened, verb_of, who_did
from apps.tables import Row
from bus.errors import Refused
from bus.messages import StoreOrder
from bus.servers.titles import called
from bus.store_client import ask_store
from web.live.hub import Hub

LONGEST_CHAIN = 20
LONGEST_SAID = 200
"""Characters of a message that are shown in the chain."""
COMMENT_ID = re.compile(r"remark-(\d+)")
"""Id of the order of a comment on a change."""
POKE_ID = re.compile(r"remark-poked-.+")
"""Id of the order of a comment that the user asked for by a click."""
MOST_PARTS = 1_000
TOO_OLD = "What came before is not kept any more: it is older than the history"


@dataclass(frozen=True, slots=True)
class Link:
    """One step back. `ids`: of orders on the bus. `message`: id of the message to show, 0 for none."""

    sentence: str
    ids: tuple[str, ...] = ()
    message: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What the model was told. `parts`: the kind, name and text of each part, in the order that the model read."""

    generation: str
    model: str
    path: str
    parts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a row, a message or a change is there."""

    chain: tuple[Link, ...]
    """The newest cause first; the last one is where it began."""
    answer: Row | None = None
    """The message of the model that led to it."""
    told: Told | None = None
    """What the model was told for that message; None when it is not kept (any more)."""


async def reasons_of(hub: Hub, table: str, key: int | str) -> Reasons:
    """Return why a message, a change or the newest change of a row is there. Raises `Refused` or `NoAnswer`."""
    walk = Walk(hub)
    if table == "message":
        await walk.from_message(await row_of(hub, "message", key))
    elif table == "change":
        await walk.from_change(await change_of(hub, key))
    else:
        await walk.from_change(await newest_change(hub, table, key))
    told = await told_for(hub, walk.answer) if walk.answer else None
    return Reasons(tuple(walk.links), walk.answer, told)


class Walk:
    """Follows causes from the newest one back."""

    def __init__(self, hub: Hub) -> None:
        """Start with `from_message` or `from_change`."""
        self.links: list[Link] = []
        self.answer: Row | None = None
        """The first message of the model on the way back."""
        self._hub = hub

    async def from_message(self, row: Row) -> None:
        """Follow a message back."""
        if row["role"] == "assistant" and self.answer is None:
            self.answer = row
        self.links.append(Link(_said(row), message=row["id"]))
        remark = (row["detail"] or {}).get("remark")  # one that an answer took into the talk: why it was made
        if made := await _insert_of(self._hub, remark or row["id"]):
            await self._follow_cause(made)
        else:
            self.links.append(Link(TOO_OLD))

    async def from_change(self, change: Row) -> None:
        """Follow a change back."""
        (sentence,) = await sentences_of(self._hub, [change])
        self.links.append(Link(sentence))
        await self._follow_cause(change)

    async def _from_revision(self, revision: int) -> None:
        """Follow the change of a revision back; end there if the history does not keep it any more."""
        try:
            change = await change_of(self._hub, revision)
        except Refused as refused:
            if refused.code != "not_found":
                raise
            self.links.append(Link(TOO_OLD))
        else:
            await self.from_change(change)

    async def _follow_cause(self, change: Row) -> None:
        """Continue with the cause of a change."""
        if len(self.links) >= LONGEST_CHAIN:
            return
        hub, ids = self._hub, tuple(name for name in (change["asked"], change["cause"]) if name)
        self.links[-1] = Link(self.links[-1].sentence, ids, self.links[-1].message)
        known = await known_about(partial(ask_store, hub.bus), [change])
        reason = why(change, known)
        if message := known.messages.get(message_of(change)):
            await self.from_message(message)
        elif reason.change:
            await self._from_revision(reason.change)
        elif commented := COMMENT_ID.fullmatch(change["asked"]):
            await self._from_revision(int(commented[1]))
        elif POKE_ID.fullmatch(change["asked"]):
            self.links.append(Link("You asked for a remark: a click in the page"))
        else:
            self.links.append(Link(reason.sentence))


# --- what is read ---


async def row_of(hub: Hub, table: str, key: int | str) -> Row:
    """Return a row; raises `Refused` if it does not exist."""
    return (await ask_store(hub.bus, StoreOrder(verb="get", table=table, id=key))).rows[0]


async def change_of(hub: Hub, revision: int | str) -> Row:
    """Return a change; raises `Refused` if it does not exist."""
    return await row_of(hub, "change", revision)


async def newest_change(hub: Hub, table: str, key: int | str) -> Row:
    """Return the last change of a row."""
    found = await hub.reader.read("change", 1, {"subject": table, "row": key}, "-id")
    if not found.rows:
        raise Refused("not_found", "How this row was made is not kept any more: it is older than the history.")
    return found.rows[0]


async def _insert_of(hub: Hub, message: int) -> Row | None:
    where = {"subject": "message", "row": message, "verb": "insert"}
    found = await hub.reader.read("change", 1, where, "-id")
    return found.rows[0] if found.rows else None


async def told_for(hub: Hub, answer: Row) -> Told | None:
    """Return what the model was told for the newest attempt of an answer; None when it is not kept."""
    generation = f"{answer['id']}.{answer['attempt']}"
    if (answer["detail"] or {}).get("remark"):  # it has the generation that it had before it was taken into the talk
        generation = answer["generation"]
    found = await hub.reader.read("told", 1, {"id": generation})
    if not found.rows:
        return None
    told = found.rows[0]
    keys = list(dict.fromkeys(part["layer"] for part in told["parts"]))
    layers = await hub.reader.read("layer", MOST_PARTS, {"id": keys}) if keys else None
    texts = {row["id"]: row["text"] for row in layers.rows} if layers else {}
    parts = tuple((one["kind"], _part_name(one), texts.get(one["layer"], "")) for one in told["parts"])
    return Told(generation, told["model"], told["path"], parts)


def _part_name(part: Row) -> str:
    """Return the name of a part, with the file of the user that it comes from."""
    return f"{part['name']} (your file {part['file']})" if part.get("file") else str(part["name"])


# --- in words ---


async def sentences_of(hub: Hub, changes: list[Row]) -> list[str]:
    """Return a sentence for each change: who did what to which row."""
    tables = hub.registry.tables
    names = await names_of(partial(ask_store, hub.bus), changes, tables)
    return [
        f"{who_did(one)} {verb_of(one)} {kind_of(one, tables.get(one['subject']))} "
        f"{_quoted(names.get(row_ref(one), '')) or one['row']}"
        for one in changes
    ]


def _said(row: Row) -> str:
    said = _quoted(shortened(spoken(row), LONGEST_SAID))
    if row["role"] == "user":
        return f"You wrote {said}"
    if row["role"] == "action":
        return f"The assistant’s card {said}"
    speaker = called(row["model"]) or "The model"
    verb = {"comment": "remarked", "note": "summed up older talk:"}.get(row["purpose"], "answered")
    return f"{speaker} {verb} {said}" if said else f"{speaker} {verb} without words"


def spoken(row: Row) -> str:
    """Return the text of a message without its instructions."""
    text: str = row["text"]
    words, at = "", 0
    for start, end in (row["detail"] or {}).get("spans") or ():
        words, at = words + text[at:start], end
    return (words + text[at:]).strip()


def _quoted(text: str) -> str:
    return f"“{text}”" if text else ""
