"""Read the chain of a conversation, the newest messages in it, and the versions that are in view."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from apps.tables import Row
from apps.talk.chain import Chain, read_chain
from bus.limits import MAX_ANSWER_ROWS
from web.state.branches.versions import Versions, left_by, placed, versions_in

MOST_LEVELS = 16
"""Versions of versions of versions … whose deeds are listed."""
MOST_CARDS = 1_000
MOST_NAMED = 3
"""Deeds of the assistant that are named beside a version."""


class Found(Protocol):
    """Rows of a table as they were at a revision."""

    @property
    def rows(self) -> tuple[Row, ...]: ...
    @property
    def more(self) -> bool: ...
    @property
    def revision(self) -> int: ...


class Reads(Protocol):
    """Reads up to `most` rows of a table."""

    async def __call__(self, table: str, most: int, where: Row | None = None, sort: str = "") -> Found: ...


@dataclass(frozen=True, slots=True)
class Talk:
    """Messages of a chain."""

    chain: Chain = ()
    rows: tuple[Row, ...] = ()
    """The oldest first."""
    more: bool = False
    """There are older ones."""
    revision: int = 0
    versions: Mapping[int, tuple[Versions, ...]] = field(default_factory=dict)
    """By the id of the message behind which they are told; 0: at the end."""
    related: frozenset[int] = frozenset()
    """The conversations of all versions in view, and of those that branched from them."""


NO_TALK = Talk()


async def chain_of(read: Reads, conversation: int) -> Chain:
    """Return the chain of a conversation."""
    return await read_chain(conversation, lambda key: _conversation(read, key))


async def trunk_of(read: Reads, conversation: int) -> Row | None:
    """Return the conversation of the list to which a version belongs; the conversation itself if it is none."""
    row, seen = await _conversation(read, conversation), {conversation}
    while row and row["version"] and row["parent"] not in seen:
        seen.add(row["parent"])
        row = await _conversation(read, row["parent"]) or row
    return row


async def _conversation(read: Reads, key: int) -> Row | None:
    rows = (await read("conversation", 1, {"id": key})).rows
    return rows[0] if rows else None


async def read_talk(read: Reads, conversation: int, most: int, *, to: int = 0, begin: int = 0) -> Talk:
    """Read the newest messages of a conversation, or those next to an id.

    `to`: the newest of those up to this id. `begin`: the oldest of those from this id on; `more` is then about newer
    ones. 0: neither.
    """
    chain = await chain_of(read, conversation)
    talk, branches = await asyncio.gather(_messages(read, chain, most, to, begin), versions_from(read, ids_of(chain)))
    if not branches:
        return talk
    found = versions_in(chain, branches)
    told = await _with_deeds(read, found, branches)
    is_end = not talk.more if begin else not to
    versions = placed(chain, told, talk.rows, more=talk.more or begin > 0, is_end=is_end)
    return replace(talk, versions=versions, related=frozenset(row["id"] for row in branches))


def ids_of(chain: Chain) -> list[int]:
    """Return the ids of the conversations in a chain."""
    return [segment.conversation for segment in chain]


async def _messages(read: Reads, chain: Chain, most: int, to: int, begin: int) -> Talk:
    """Read messages segment by segment: the newest first, or the oldest first, if there is a `begin`."""
    rows: list[Row] = []
    revisions, more = [], False
    for segment in chain if begin else reversed(chain):
        end = min(segment.below - 1 if segment.below else to, to or segment.below - 1)
        span = ({"from": begin} if begin else {}) | ({"to": end} if end > 0 else {})
        where = {"conversation": segment.conversation} | ({"id": span} if span else {})
        found = await read("message", most - len(rows) or 1, where, "id" if begin else "-id")
        revisions.append(found.revision)
        more = more or found.more or (len(rows) == most and bool(found.rows))
        rows += found.rows[: most - len(rows)]
        if more:
            break
    ordered = tuple(sorted(rows, key=lambda row: row["id"]))
    return Talk(chain, ordered, more, min(revisions, default=0))


async def versions_from(read: Reads, conversations: Iterable[int]) -> list[Row]:
    """Return all versions that branched from conversations, and those that branched from these."""
    found: dict[int, Row] = {}
    new = list(conversations)
    for _ in range(MOST_LEVELS):
        if not new:
            break
        rows = (await read("conversation", MAX_ANSWER_ROWS, {"parent": new, "version": True}, "id")).rows
        new = [row["id"] for row in rows if row["id"] not in found]
        found |= {row["id"]: row for row in rows}
    return list(found.values())


async def _with_deeds(
    read: Reads, versions: list[tuple[int, Versions]], branches: list[Row]
) -> list[tuple[int, Versions]]:
    """Add what the assistant did in the versions that are not in view, and that still stands."""
    cards = await applied_cards(read, versions, branches)
    return [(segment, replace(one, left=_named(left_by(one, branches, cards)))) for segment, one in versions]


async def applied_cards(read: Reads, versions: list[tuple[int, Versions]], branches: list[Row]) -> list[Row]:
    """Return the cards of changes that still stand, in all conversations of these versions; the oldest first."""
    conversations = {one for _, group in versions for one in group.conversations} | {row["id"] for row in branches}
    where: dict[str, Any] = {"role": "action", "state": "applied", "conversation": sorted(conversations)}
    cards = (await read("message", MOST_CARDS, where, "-id")).rows
    return [card for card in reversed(cards) if (card["detail"] or {}).get("changes")]


def _named(cards: list[Row]) -> tuple[str, ...]:
    """Return what the newest cards say, each in one line; and how many others there are."""
    texts = tuple(" ".join(card["text"].split()) for card in cards[-MOST_NAMED:])
    more = len(cards) - MOST_NAMED
    return (*texts, f"and {more:,} more.") if more > 0 else texts
