"""Each made-up answer leads, through the agent's scanner and the store's own code, to the rows that are meant."""

from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import islice

import pytest

from training.check import BadAnswer, Workbench, check
from training.orders.effects import Right
from training.orders.make import NOTHING, ORDERS, samples
from training.orders.sample import fenced
from training.scenes import scene
from training.speech.files import LANGUAGES

SAMPLES = 300
"""Of each language; in the long tier ten times as many."""
MOST_ASKED = 0.15
"""Of all orders: those whose words do not support the change, as the product's own check has it."""
LEAST_NOTHING, MOST_NOTHING = 0.26, 0.42


@pytest.fixture(scope="module")
def workbench():
    workbench = Workbench()
    yield workbench
    workbench.close()


@cache
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
    kinds = Counter(one.kind for one in made("en", 2_500))

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


def test_links_are_written_as_ids_where_the_form_of_the_prompt_tells_them_from_texts(workbench, monkeypatch):
    monkeypatch.setattr(scene, "SHOWS_LINKS", True)

    orders = [one for one in islice(samples(1, ["en"]), 800) if any(field.to for field in one.scene.table.fields)]
    outcomes = [check(one, workbench) for one in orders]

    changed = [row for one, outcome in zip(orders, outcomes, strict=True) for row in outcome.rows[one.scene.table.name]]
    assert any(type(value) is list for row in changed for value in row.values())


def test_a_form_that_shows_links_as_texts_is_taught_none(monkeypatch):
    monkeypatch.setattr(scene, "SHOWS_LINKS", False)
    tables = [table for one in islice(samples(1, ["en"]), 1_000) for table in one.scene.declared]

    assert not any(table.links for table in tables)


@pytest.mark.parametrize("kind", ["delete", "set", "add", "move"])
def test_an_answer_that_does_something_else_is_told(kind, workbench):
    order = next(one for one in made("en", 2_500) if one.kind == kind)

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
    again = [one.says for one in islice(samples(1, ["en"]), SAMPLES)]

    assert [one.says for one in made("en")] == again


def test_a_row_that_another_table_has_is_pointed_out(workbench):
    one = next(one for one in made("en") if len(one.scene.tables) > 1 and one.scene.tables[0].rows)
    first, second = (found.table.name for found in one.scene.tables[:2])
    key = max(row["id"] for row in one.scene.tables[0].rows) + 1_000
    rows = [replace(found, rows=[]) if found.table.name == second else found for found in one.scene.tables]
    rows[0] = replace(rows[0], rows=[{**rows[0].rows[0], "id": key}])
    one = replace(one, scene=replace(one.scene, tables=rows))
    instruction = {"operation": "delete", "table": second, "id": key}

    with pytest.raises(
        BadAnswer, match=rf"with id {key} .* of {first} has it: change that one, or insert a new {second}"
    ):
        workbench.outcome(one, fenced(instruction))
