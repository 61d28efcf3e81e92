"""Each made-up answer leads, through the agent's scanner and the store's own code, to the rows that are meant."""

from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest

from training.check import BadAnswer, Workbench, check
from training.orders.effects import Right
from training.orders.make import NOTHING, ORDERS, samples
from training.orders.sample import fenced
from training.speech.files import LANGUAGES

SAMPLES = 300
"""Of each language; in the long tier ten times as many."""
MOST_ASKED = 0.15
"""Of all orders: those whose words do not support the change, as the product's own check has it."""
LEAST_NOTHING, MOST_NOTHING = 0.28, 0.42


@pytest.fixture(scope="module")
def workbench():
    workbench = Workbench()
    yield workbench
    workbench.close()


def made(language: str, count: int = SAMPLES, seed: int = 1) -> list:
    return list(islice(samples(seed, [language]), count))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_leads_to_the_rows_that_are_meant(language, workbench):
    outcomes = [check(one, workbench) for one in made(language)]

    asked = sum(bool(one.asked) for one in outcomes)
    assert asked <= MOST_ASKED * SAMPLES


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_of_many_leads_to_the_rows_that_are_meant(language, workbench):
    for one in made(language, 10 * SAMPLES, seed=2):
        check(one, workbench)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_third_of_all_orders_has_nothing_to_do(language):
    orders = made(language)

    nothing = sum(not one.right.instructions for one in orders) / len(orders)
    assert LEAST_NOTHING < nothing < MOST_NOTHING


def test_every_kind_of_order_comes_up():
    kinds = Counter(one.kind for one in made("en", 3_000))

    assert {
        *ORDERS,
        *NOTHING,
        "read",
        "step",
        "correction",
        "it",
        "yes",
        "no",
        "remark",
        "several",
        "open",
    } <= kinds.keys()


@pytest.mark.parametrize("kind", ["delete", "set", "add", "move"])
def test_an_answer_that_does_something_else_is_told(kind, workbench):
    order = next(one for one in made("en", 1_000) if one.kind == kind)

    with pytest.raises(BadAnswer, match="are meant to be"):
        check(order, workbench, "I do nothing.")


def test_an_answer_that_does_something_where_nothing_is_meant_is_told(workbench):
    order = next(one for one in made("en") if one.kind == "chat" and one.scene.visible)
    delete = {"operation": "delete", "table": order.scene.table.name, "id": order.scene.visible[0]["id"]}

    with pytest.raises(BadAnswer, match="are meant to be"):
        check(order, workbench, fenced(delete))


def test_an_order_of_other_instructions_than_meant_is_told(workbench):
    order = next(one for one in made("en") if one.kind == "open")
    other = replace(order, right=Right(others=({"operation": "open", "app": "nothing"},)))

    with pytest.raises(BadAnswer, match="There is no app 'nothing'"):
        check(other, workbench)


def test_the_same_seed_makes_the_same_orders():
    assert [one.says for one in made("en", 50)] == [one.says for one in made("en", 50)]
