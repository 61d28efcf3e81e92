"""Versions and forks of conversations as plain data: which are told where, and what a deletion leaves."""

import random

import pytest

from apps.tables import Row
from apps.talk.chain import Chain, Segment, is_in, read_chain
from tests.support.system import run_apart
from web.state.branches.deletion import deletion_of
from web.state.branches.versions import Versions, descendants, left_by, placed, versions_in
from web.why.standing import without_undone


def version(key: int, parent: int, before: int) -> Row:
    return {"id": key, "parent": parent, "before": before, "version": True}


def message(key: int, conversation: int) -> Row:
    return {"id": key, "conversation": conversation}


# --- versions ---


def test_versions_are_told_at_the_first_message_that_is_different() -> None:
    branches = [version(2, 1, 5), version(3, 1, 5), version(4, 3, 12)]
    rows = [message(3, 1), message(4, 1), message(5, 1), message(6, 1)]
    original = placed((Segment(1),), versions_in((Segment(1),), branches), rows, more=False, is_end=True)
    assert original == {5: (Versions((1, 2, 3), 0, 5),)}

    chain = (Segment(1, 5), Segment(3))
    rows = [message(3, 1), message(4, 1), message(10, 3), message(12, 3)]
    edited = placed(chain, versions_in(chain, branches), rows, more=False, is_end=True)
    assert edited == {10: (Versions((1, 2, 3), 2, 5),), 12: (Versions((3, 4), 0, 12),)}


def test_versions_whose_messages_are_gone_or_not_read_yet_lose_no_way_back() -> None:
    found = versions_in((Segment(1),), [version(2, 1, 5)])
    one = (Versions((1, 2), 0, 5),)
    gone = [message(3, 1), message(9, 1)]
    assert placed((Segment(1),), found, gone, more=False, is_end=True) == {9: one}
    assert placed((Segment(1),), found, gone[:1], more=False, is_end=True) == {0: one}
    assert placed((Segment(1),), found, gone[:1], more=False, is_end=False) == {}
    assert placed((Segment(1),), found, gone[1:], more=True, is_end=True) == {}
    assert placed((Segment(1),), found, [message(5, 1)], more=True, is_end=True) == {5: one}


def test_a_fork_is_no_version_and_rows_that_anybody_wrote_do_no_harm() -> None:
    fork = {"id": 2, "parent": 1, "before": 5, "version": False}
    loop = [version(1, 3, 4), version(3, 1, 4), version(5, 1, 0), version(6, 99, 4)]
    assert versions_in((Segment(1),), [fork]) == []
    assert [one.conversations for _, one in versions_in((Segment(1),), loop)] == [(1, 3)]
    assert descendants([1], loop) == {1, 3, 5}


def test_what_was_done_in_the_versions_left_behind_is_listed_and_nothing_of_the_one_in_view() -> None:
    branches = [version(2, 1, 5), version(3, 1, 5), version(4, 1, 8), version(6, 1, 3), version(7, 3, 20)]
    cards = [
        message(4, 1),
        message(7, 1),
        message(9, 4),
        message(11, 2),
        message(13, 3),
        message(14, 6),
        message(21, 7),
    ]
    (_, of_three) = versions_in((Segment(1, 5), Segment(3)), branches[:2])[0]
    assert [card["id"] for card in left_by(of_three, branches, cards)] == [7, 9, 11]
    (_, of_one) = versions_in((Segment(1),), branches[:2])[0]
    assert [card["id"] for card in left_by(of_one, branches, cards)] == [11, 13, 21]


# --- deletion ---


class Talks:
    """Random conversations that branch from each other."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        self.rows: dict[int, Row] = {}
        self.messages: list[Row] = []
        for number in range(1, chance.randint(3, 9)):
            parent = chance.randint(1, number - 1) if number > 1 and chance.random() < 0.9 else 0
            shown = self.shown(parent)
            before = chance.choice(shown) + chance.randint(0, 1) if parent and shown else 0
            self.rows[number] = version(number, parent, before) | {"version": bool(before) and chance.random() < 0.4}
            for _ in range(chance.randint(1, 5)):
                self.messages.append(message(len(self.messages) + 1, number))

    def chain(self, key: int) -> Chain:
        async def read(one: int) -> Row | None:
            return self.rows.get(one)

        return run_apart(read_chain(key, read))

    def shown(self, key: int) -> list[int]:
        chain = self.chain(key)
        return [row["id"] for row in self.messages if is_in(chain, row)]

    def delete(self, key: int) -> set[int]:
        doomed = descendants([key], self.rows.values())
        forks = [one for one, row in self.rows.items() if row["parent"] in doomed and one not in doomed]
        messages = [row for row in self.messages if row["conversation"] in doomed]
        plan = deletion_of(doomed, {fork: self.chain(fork) for fork in forks}, messages)
        for row in self.messages:
            row["conversation"] = plan.moved.get(row["id"], row["conversation"])
        for fork, (parent, before) in plan.parents.items():
            self.rows[fork] |= {"parent": parent, "before": before}
        self.messages = [row for row in self.messages if row["conversation"] not in doomed]
        for one in doomed:
            del self.rows[one]
        return doomed


@pytest.mark.parametrize("seed", range(60))
def test_every_conversation_that_stays_shows_what_it_showed_before_another_one_was_deleted(seed: int) -> None:
    talks = Talks(seed)
    shown = {key: talks.shown(key) for key in talks.rows}
    doomed = talks.delete(random.Random(seed).choice(list(talks.rows)))
    assert {key: talks.shown(key) for key in talks.rows} == {
        key: ids for key, ids in shown.items() if key not in doomed
    }


# --- rewind ---


def change(key: int, undoes: int = 0) -> Row:
    return {"id": key, "undoes": undoes}


def test_a_rewind_undoes_only_what_still_takes_effect() -> None:
    done = [
        change(5),
        change(6, 5),
        change(7, 6),
        change(8),
        change(9, 8),
        change(10, 2),
        change(11, 3),
        change(12, 11),
    ]
    assert [one["id"] for one in without_undone(done)] == [7, 10]
