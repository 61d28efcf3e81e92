"""The chain of a conversation: which messages a branch shows and tells."""

import pytest

from apps.talk.chain import MOST_SEGMENTS, Chain, Segment, is_in, read_chain
from tests.support.system import run_apart

Branches = dict[int, tuple[int, int]]
"""By the id of a conversation: its `parent` and `before`."""


def chain_of(conversation: int, branches: Branches) -> Chain:
    async def read(key: int) -> dict[str, int] | None:
        found = branches.get(key)
        return {"id": key, "parent": found[0], "before": found[1]} if found else None

    return run_apart(read_chain(conversation, read))


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        ({3: (0, 0)}, (Segment(3),)),
        ({3: (1, 7), 1: (0, 0)}, (Segment(1, 7), Segment(3))),
        ({3: (2, 9), 2: (1, 5), 1: (0, 0)}, (Segment(1, 5), Segment(2, 9), Segment(3))),
        ({3: (2, 4), 2: (1, 5), 1: (0, 0)}, (Segment(1, 4), Segment(2, 4), Segment(3))),
        ({3: (1, 0), 1: (0, 0)}, (Segment(3),)),
        ({3: (8, 7)}, (Segment(8, 7), Segment(3))),
        ({}, (Segment(3),)),
    ],
    ids=["none", "one", "of a branch", "of what a branch shares", "without a place", "parent gone", "itself gone"],
)
def test_a_branch_begins_with_what_it_shares_and_goes_on_with_its_own(branches: Branches, expected: Chain) -> None:
    assert chain_of(3, branches) == expected


def test_a_chain_that_bites_its_tail_and_an_endless_one_end() -> None:
    assert chain_of(1, {1: (2, 9), 2: (1, 8)}) == (Segment(2, 9), Segment(1))
    assert chain_of(1, {1: (1, 9)}) == (Segment(1),)
    endless = chain_of(1, {key: (key + 1, 9) for key in range(1, 10_000)})
    assert len(endless) == MOST_SEGMENTS
    assert endless[-1] == Segment(1)
    assert chain_of(0, {}) == chain_of(-1, {}) == ()


def test_a_message_is_in_a_chain_if_its_conversation_is_and_it_is_old_enough() -> None:
    chain = (Segment(1, 5), Segment(3))
    messages = [{"id": 4, "conversation": 1}, {"id": 9, "conversation": 3}]
    others = [{"id": 5, "conversation": 1}, {"id": 4, "conversation": 2}, {"id": 4}]
    assert [is_in(chain, one) for one in messages] == [True, True]
    assert [is_in(chain, one) for one in others] == [False, False, False]
    assert [segment.where for segment in chain] == [{"conversation": 1, "id": {"to": 4}}, {"conversation": 3}]
