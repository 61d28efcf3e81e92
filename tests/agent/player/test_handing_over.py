"""A player of our own hands over what is beyond it to a general model, if the user allows."""

from collections.abc import Iterator
from typing import Any

import pytest

from llm_worker.player_cards import read_cards
from tests.support.model_replies import adding
from tests.support.ollama_double import Model, OllamaDouble, speech
from tests.support.system import System
from tests.support.user import User, running, visit

CARD = read_cards()[0][0]
PLAYER = Model(f"{CARD.name}:latest", ("completion",))
GENERAL = Model("general:4b", ("completion",), size=2_000_000_000)
SMALLER = Model("smaller:1b", ("completion",), size=1_000_000_000)
WORLD = "why is the sky blue?"


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    models = (PLAYER, GENERAL, SMALLER)
    with OllamaDouble(*models) as double, running(double, PIANOLA_MODEL=PLAYER.name) as system:
        yield double, system


def asked(double: OllamaDouble) -> str:
    """Return the model that was asked last."""
    return str(double.chats[-1].body["model"])


def test_by_default_the_player_answers_and_the_answer_says_who_knows_more(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        double.play(speech("I only know your lists."), speech("Nothing is left."))
        world = await user.answer(await user.say(WORLD))
        assert asked(double) == PLAYER.name
        assert world["detail"]["beyond"] == GENERAL.name

        rows = await user.answer(await user.say("what is left?"))
        assert "beyond" not in rows["detail"]

    visit(shared, play)


def test_when_the_user_wants_it_always_the_general_model_answers_at_once(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await user.set("hand_over", "always")
        double.play(speech("Because of the air."), speech(f"Added.\n{adding('eggs')}"))
        world = await user.answer(await user.say(WORLD))
        assert (asked(double), world["model"], world["detail"]["by"]) == (GENERAL.name, GENERAL.name, GENERAL.name)
        assert "beyond" not in world["detail"]
        assert "form" not in world["detail"]
        assert "# Instructions" in double.chats[-1].body["messages"][0]["content"]

        await user.answer(await user.say("add eggs"))
        assert asked(double) == PLAYER.name
        await user.set("hand_over", "ask")

    visit(shared, play)


def test_the_user_can_choose_who_answers_such_questions(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await user.set("general_model", SMALLER.name)
        double.play(speech("I do not know."))
        world = await user.answer(await user.say(WORLD))
        assert world["detail"]["beyond"] == SMALLER.name
        await user.set("general_model", "")

    visit(shared, play)


def test_never_is_respected(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await user.set("hand_over", "never")
        double.play(speech("I do not know."))
        world = await user.answer(await user.say(WORLD))
        assert asked(double) == PLAYER.name
        assert "beyond" not in world["detail"]
        await user.set("hand_over", "ask")

    visit(shared, play)


def test_an_answer_that_was_handed_over_is_given_by_that_model_when_it_is_tried_again(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        question = await user.say("hello")
        first = await user.answer(question)
        values: dict[str, Any] = {
            "conversation": user.conversation,
            "role": "assistant",
            "state": "streaming",
            "reply_to": question["id"],
            "attempt": 1,
            "detail": {"by": SMALLER.name},
        }
        double.play(speech("Hello from the other one."))
        made = await user.insert("message", **values)
        await user.row(id=made["id"], state="done")
        assert asked(double) == SMALLER.name
        assert first["model"] == PLAYER.name

    visit(shared, play)
