"""The versions of a part of the talk, after an edit or another answer: which there are, and where they are told. Pure.

A version is a conversation (`version` in apps/core.py). Those with the same `parent` and `before` stand beside each
other, and beside what follows that place in the parent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.tables import Row
from apps.talk.chain import Chain

AT_THE_END = 0
"""In place of a message's id: behind all messages."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions of the same part of a talk."""

    conversations: tuple[int, ...]
    """The conversations that show them, the oldest first: the first one is the parent of the others."""
    place: int
    """Which of them is in view, from 0."""
    before: int
    """Id of the message with which the oldest version begins."""
    left: tuple[str, ...] = ()
    """What the assistant did in the others that still stands, in words."""

    @property
    def others(self) -> tuple[int, ...]:
        """The conversations of those that are not in view."""
        return tuple(one for place, one in enumerate(self.conversations) if place != self.place)

    def leaves(self, message: Row) -> bool:
        """Return whether a message of one of the other conversations is not in view."""
        return bool(message["conversation"] != self.conversations[0] or message["id"] >= self.before)


def versions_in(chain: Chain, branches: Iterable[Row]) -> list[tuple[int, Versions]]:
    """Return the versions that a chain has in view, each with its segment: the place of its first message in the chain.

    `branches`: rows of `conversation` that are versions, whatever their parents.
    """
    places = {segment.conversation: place for place, segment in enumerate(chain)}
    groups: dict[tuple[int, int], list[int]] = {}
    for row in branches:
        if row["version"] and row["before"] > 0 and row["parent"] in places:
            groups.setdefault((row["parent"], row["before"]), []).append(row["id"])
    found = []
    for (parent, before), versions in sorted(groups.items()):
        at, conversations = places[parent], (parent, *sorted(versions))
        follower = chain[at + 1].conversation if at + 1 < len(chain) else 0
        if follower in versions:
            found.append((at + 1, Versions(conversations, conversations.index(follower), before)))
        elif not chain[at].below or before < chain[at].below:
            found.append((at, Versions(conversations, 0, before)))
    return found


def placed(
    chain: Chain, versions: Iterable[tuple[int, Versions]], rows: Sequence[Row], *, more: bool, is_end: bool
) -> dict[int, tuple[Versions, ...]]:
    """Return the versions by the id of the message at which they are told: the first one that they show.

    `rows`: messages of the chain, the oldest first. `more`: there are older ones. `is_end`: they are the newest.
    """
    places = {segment.conversation: place for place, segment in enumerate(chain)}
    told: dict[int, tuple[Versions, ...]] = {}
    for segment, one in versions:
        begin = segment, one.before if one.place == 0 else 0
        at = next((at for at, row in enumerate(rows) if (places.get(row["conversation"], 0), row["id"]) >= begin), None)
        if at is None and not is_end:
            continue
        key = AT_THE_END if at is None else rows[at]["id"]
        if at == 0 and more and key != one.before:  # an older message may be the first one
            continue
        told[key] = (*told.get(key, ()), one)
    return told


def descendants(conversations: Iterable[int], branches: Iterable[Row]) -> set[int]:
    """Return these conversations, and all versions that branched from them."""
    branches = list(branches)
    found = set(conversations)
    while new := {row["id"] for row in branches if row["version"] and row["parent"] in found} - found:
        found |= new
    return found


def left_by(versions: Versions, branches: Iterable[Row], cards: Iterable[Row]) -> list[Row]:
    """Return the cards of what the assistant did in the versions that are not in view. `cards`: the oldest first."""
    current = versions.conversations[versions.place]
    below = [row for row in branches if row["id"] not in versions.conversations]
    if versions.place:  # of the parent, only what follows the place where they part
        below = [row for row in below if row["parent"] != versions.conversations[0] or row["before"] > versions.before]
    else:
        below = [row for row in below if row["parent"] != current]
    elsewhere = descendants(versions.others, below)
    return [card for card in cards if card["conversation"] in elsewhere and versions.leaves(card)]
