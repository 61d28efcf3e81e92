"""What is beyond a player of our own: the world, and texts; never its own rows, orders, and talk with it."""

import tomllib
from pathlib import Path

import pytest

from apps.tables import Field, Row, Table
from bench.real.orders import NEW_FOLDER, read_orders
from services.agent.grounding.beyond import is_beyond

PLANTS = Table(
    "plant",
    (Field("name", required=True), Field("room", choices=("kitchen", "office")), Field("every_days", "integer")),
    label="a plant",
)
ROWS = [{"id": 1, "name": "blue fern"}, {"id": 2, "name": "Monstera"}]
LANGUAGES = Path("training/languages")
KNOWN_MISSES = {"what time is it?", "what should i cook tonight?"}
"""Questions that sound like one about rows."""


def beyond(text: str, rows: list[Row] = ROWS) -> bool:
    return is_beyond(text, [PLANTS], [rows])


@pytest.mark.parametrize(
    "text",
    [
        "Why is the sea salty?",
        "what is the capital of France",
        "Who wrote Faust?",
        "do you know who wrote Faust?",
        "explain chess to me",
        "can you explain chess?",
        "write a poem about rain",
        "Wie koche ich Reis?",
        "Schreib ein Gedicht über den Mond",
        "pourquoi la mer est-elle salée ?",
        "écris une lettre à la mairie",
        "¿quién escribió Don Quijote?",
        "scrivi una poesia sulla luna",
    ],
)
def test_the_world_and_texts_are_beyond_it(text: str) -> None:
    assert beyond(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "add milk",
        "why is the fern blue?",  # a row
        "what is in the kitchen?",  # a choice
        "how many plants are there?",
        "what is left?",
        "which one needs water most?",
        "is there a cactus?",
        "do I have a cactus?",
        "what can you do?",
        "who are you?",
        "could you add watering the cactus?",
        "write down milk",
        "schreib Milch auf",
        "Schreib Seife auf die Einkaufsliste",
        "Haben wir noch Seife?",
        "¿me apuntas regar las flores?",
        "what a day",
        "thanks!",
        "she asked “why is the sky blue?”",
    ],
)
def test_rows_orders_and_talk_are_not(text: str) -> None:
    assert not beyond(text)


def test_of_the_orders_of_strangers_hardly_any_is_taken_for_the_world() -> None:
    orders = [*read_orders(), *read_orders(NEW_FOLDER)]
    found = {
        order.id: order.wants_something
        for order in orders
        if is_beyond(order.says, order.tables, [order.rows.get(one.name, []) for one in order.tables])
    }

    assert not any(found.values())
    assert len(found) <= len(orders) // 100


@pytest.mark.parametrize("code", ["en", "de", "fr", "es", "it"])
def test_questions_about_the_world_are_known_in_all_languages(code: str) -> None:
    speech = tomllib.loads((LANGUAGES / code / "speech.toml").read_text(encoding="utf-8"))
    lists = speech["lists"]
    world = [one.format(land=lists["land"][0], noun=lists["noun"][-1]) for one in lists["world"]]
    world = [one for one in world if not one.startswith("give me")]
    talk = [said for said, _ in speech["talk"]["chat"] + speech["talk"]["persona"]]

    assert {one for one in world if not beyond(one, [])} <= KNOWN_MISSES
    assert len([one for one in talk if beyond(one, [])]) <= 1
