"""An app by saying so: the card with the declaration, what is made when the user agrees, and its undo."""

from collections.abc import Iterator

import pytest

from tests.support.model_replies import instruction
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import System
from tests.support.user import User, running, visit


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble() as double, running(double) as system:
        yield double, system


WISH = "make me an app for my plants: name, room, water every so many days"


def plants(**more: object) -> str:
    fields = [{"label": "Name"}, {"label": "Room", "type": "text"}, {"label": "Water every", "type": "number of days"}]
    return instruction(operation="make_app", label="My plants", row="a plant", fields=fields, **more)


def test_an_app_is_proposed_with_three_example_rows_and_made_when_the_user_agrees(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        double.play(speech(plants(examples=[["Monstera", "hall", 7], ["Fern", "bath", "3 days"]])))
        await user.say(WISH)
        card = await user.row(role="action", conversation=user.conversation, state="proposed")
        assert card["text"] == "Make the app “My plants”?"
        (would,) = card["detail"]["would"]
        declared = would["after"]["declaration"]
        assert [(one["name"], one.get("unit", "")) for one in declared["tables"][0]["fields"]] == [
            ("name", ""),
            ("room", ""),
            ("water_every", "days"),
        ]
        assert await user.order("list", "app") == []
        await user.update("message", card["id"], state="agreed")
        card = await user.row(id=card["id"], state="applied")
        assert card["text"] == "Made the app “My plants”."
        rows = await user.order("list", "plant", sort="id")
        assert [(row["name"], row["room"], row["water_every"]) for row in rows] == [
            ("Monstera", "hall", 7),
            ("Fern", "bath", 3),
            ("Plant 1", "", 1),
        ]

    visit(shared, play)
