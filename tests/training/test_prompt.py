"""An order as messages: what a player is taught is what the product's composer tells it."""

from functools import cache
from itertools import islice

import pytest

from training.orders.make import samples
from training.prompt import has_changed, messages_of
from training.speech.files import LANGUAGES


@cache
def first(kind: str) -> list:
    """Return the messages of the first order of a kind."""
    return messages_of(next(one for one in samples(1, ["en"]) if one.kind == kind))


def test_an_order_is_told_with_the_declaration_and_the_rows_and_answered():
    system, *talk, order, answer = first("set")

    assert [system["role"], order["role"], answer["role"]] == ["system", "user", "assistant"]
    assert system["content"].startswith("You are Pianola")
    assert "\nTable " in system["content"]
    assert any(one["content"].startswith("Rows of ") for one in (*talk, order))
    assert any("\nToday: " in one["content"] for one in (*talk, order))
    assert "The user says: " in order["content"]
    assert '```json\n{"operation": "update"' in answer["content"]
    assert len(talk) % 2 == 0


def test_rows_stand_before_the_first_question_and_again_only_when_the_talk_has_changed_them():
    found = [one for one in islice(samples(1, ["en"]), 300) if one.earlier and one.purpose == "chat"]
    for one in found:
        *told, _answer = messages_of(one)
        users = [part["content"] for part in told if part["role"] == "user"]

        assert users[-1].startswith("Rows of ") == has_changed(one)
        assert users[0].startswith("Rows of ") != has_changed(one)
    assert {has_changed(one) for one in found} == {True, False}


def test_rows_that_were_read_are_told_as_rows_and_the_question_is_asked_again():
    step = next(one for one in samples(1, ["en"]) if one.kind == "step")

    *_, told, _answer = messages_of(step)

    assert told["content"].startswith(f"Rows of {step.scene.table.name}:\n")
    assert told["content"].endswith(f"\n\nThe user says: {step.asked}")
    assert "What came of your instructions" not in told["content"]


def test_a_remark_is_asked_for_as_the_product_does():
    *_, asked, remark = first("remark")

    assert "\n\nJust happened: the user " in asked["content"]
    assert asked["content"].endswith("Remark in at most 20 words, or - for nothing.")
    assert "```" not in remark["content"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_order_ends_with_its_question_and_its_answer(language):
    for one in islice(samples(3, [language]), 200):
        *told, answer = messages_of(one)

        assert told[-1]["role"] == "user"
        assert (one.asked or one.says) in told[-1]["content"] or one.purpose == "comment"
        assert answer == {"role": "assistant", "content": one.answer}
