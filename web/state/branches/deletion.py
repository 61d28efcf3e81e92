"""What becomes of branches when a conversation is deleted: versions go with it, forks keep what they show. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from apps.tables import Row
from apps.talk.chain import Chain, is_in


@dataclass(frozen=True, slots=True)
class Deletion:
    """What is to be done."""

    conversations: tuple[int, ...]
    """They are deleted: the conversation, and its versions."""
    moved: Mapping[int, int] = field(default_factory=dict)
    """By the id of a message that a fork shows: the fork to which it moves."""
    parents: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """By the id of a fork: its new `parent` and `before`."""

    @property
    def orders(self) -> list[Row]:
        """The orders to the store that move messages and forks."""
        moves: list[Row] = [
            {"verb": "update", "table": "message", "id": message, "values": {"conversation": fork}}
            for message, fork in self.moved.items()
        ]
        return moves + [
            {"verb": "update", "table": "conversation", "id": fork, "values": {"parent": parent, "before": before}}
            for fork, (parent, before) in self.parents.items()
        ]


def deletion_of(doomed: Collection[int], chains: Mapping[int, Chain], messages: Sequence[Row]) -> Deletion:
    """Return what the deletion of conversations does: of one and its versions.

    `chains`: those of the forks that branched from them. `messages`: `id` and `conversation` of their messages, the
    oldest first. What several forks show goes to the oldest one, and the others branch from that.
    """
    moved: dict[int, int] = {}
    parents: dict[int, tuple[int, int]] = {}
    for fork in sorted(chains):
        shown = [row["id"] for row in messages if row["conversation"] in doomed and is_in(chains[fork], row)]
        taken = [message for message in shown if message in moved]
        if taken:
            parents[fork] = moved[taken[-1]], taken[-1] + 1
        else:
            kept = [segment for segment in chains[fork][:-1] if segment.conversation not in doomed]
            parents[fork] = (kept[-1].conversation, kept[-1].below) if kept else (0, 0)
        moved |= {message: fork for message in shown if message not in moved}
    return Deletion(tuple(sorted(doomed)), moved, parents)
