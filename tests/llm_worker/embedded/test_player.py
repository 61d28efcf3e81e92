"""A player of our own with the real engine: the smallest model, and the adapter beside it."""

from collections.abc import Iterator

import pytest

from bus.embedded.files import read_state
from bus.messages import LlmFinished, LlmListed, ServiceAsked
from llm_worker.player_cards import PlayerCard
from tests.llm_worker.test_worker import generated
from tests.support.real_engine import BASE, order, player_playing
from tests.support.system import Guest, System

DECLARED = (
    "You are Pianola, the assistant in the user's apps. Voice: short and friendly.\n"
    "App: todo. One row is a todo.\n"
    "Table todo: title (text, required), done (yes/no). Can be sorted.\n"
    "Other apps: plants."
)
TALK = [
    {"role": "system", "content": DECLARED},
    {"role": "user", "content": 'Rows of todo:\n3: "bread", done: no\n\nThe user says: add milk'},
]


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[System, PlayerCard]]:
    with player_playing() as made:
        yield made


def answer(system: System, model: str) -> str:
    asked = order("", messages=TALK, model=model, options={"num_predict": 60})
    end = system.visit(lambda guest: generated(guest, asked))
    assert isinstance(end, LlmFinished)
    return end.text


def models(system: System) -> dict[str, dict]:
    """Return the list of models as the worker tells it when it is asked."""

    async def look(guest: Guest) -> LlmListed:
        known = len(guest.heard)
        guest.bus.say(ServiceAsked())
        return (await guest.until(lambda heard: isinstance(heard.message, LlmListed), after=known)).message

    return {model["name"]: model for model in system.visit(look).models}


def test_the_player_and_its_base_are_two_models_of_the_list(running: tuple[System, PlayerCard]) -> None:
    system, card = running
    known = models(system)
    player, base = known[f"embedded/{card.name}"], known[BASE]

    assert (player["title"], player["form"], player["plays"]) == (card.title, card.form, True)
    assert (base["title"], base["form"], base["plays"]) == ("", 0, False)
    assert player["size"] == base["size"] + card.adapter.size


def test_the_adapter_is_loaded_for_the_player_and_not_for_its_base(running: tuple[System, PlayerCard]) -> None:
    system, card = running
    insert = '{"operation": "insert", "table": "todo", "values": {"title": "milk"}}'

    assert insert in answer(system, f"embedded/{card.name}")
    assert read_state(system.settings).adapter == str(card.adapter_path)
    assert insert not in answer(system, BASE)
    assert read_state(system.settings).adapter == ""
    assert insert in answer(system, f"embedded/{card.name}")
