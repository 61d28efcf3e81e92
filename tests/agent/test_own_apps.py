"""An app by saying so: the card with the declaration, what is made when the user agrees, and its undo."""

import threading
from collections.abc import Iterator

import pytest

from tests.support.model_replies import called, instruction
from tests.support.ollama_double import Done, Model, OllamaDouble, Say, Wait, speech
from tests.support.system import System
from tests.support.user import Row, User, running, visit


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    models = Model("small:1b", ("completion",)), Model("able:8b", ("completion", "tools"))
    with OllamaDouble(*models) as double, running(double) as system:
        yield double, system


@pytest.fixture(autouse=True)
def no_own_apps(shared: System) -> Iterator[None]:
    """Remove the apps that a test has made, with their rows."""
    yield

    async def clean(user: User) -> None:
        for app in await user.order("list", "app"):
            for table in app["declaration"]["tables"]:
                await user.order("delete", table["name"], where={"id": {"from": 1}})
            await user.order("delete", "app", id=app["id"])
        await user.set("app", "todo")
        await user.set("profile", 1)

    visit(shared, clean)


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


async def made(user: User, double: OllamaDouble, **more: object) -> Row:
    """Have the app made; return its card."""
    double.play(speech(plants(**more)))
    await user.say(WISH)
    card = await user.row(role="action", conversation=user.conversation, state="proposed")
    await user.update("message", card["id"], state="agreed")
    return await user.row(id=card["id"], state="applied")


def test_the_example_rows_stand_in_the_profile_in_view_and_undo_takes_all_of_it_back(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        other = await user.insert("profile", name="Work")
        await user.set("profile", other["id"])
        card = await made(user, double)
        assert card["detail"]["opens"] == (await user.order("list", "app"))[0]["name"]
        (table,) = (await user.order("list", "app"))[0]["declaration"]["tables"]
        assert {row["profile"] for row in await user.order("list", table["name"])} == {other["id"]}
        assert len(card["detail"]["changes"]) == 4
        await user.order("undo", "app", values={"changes": card["detail"]["changes"]})
        assert await user.order("list", "app") == []
        await user.row(id=card["id"], state="undone")

    visit(shared, play)


def test_a_change_is_proposed_with_what_goes_out_of_sight_and_its_undo_brings_the_values_back(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        card = await made(user, double, examples=[["Fern", "bath", 3], ["Ivy", "hall", 4], ["Oak", "", 5]])
        (app,) = await user.order("list", "app")
        name = app["declaration"]["tables"][0]["name"]
        await user.set("app", app["name"])
        double.play(speech(instruction(operation="change_app", remove=["Room"], add=["Last repotted"])))
        await user.say("remove the field room and add a field for the last repotting")
        text = "Change the app “My plants”: add “Last repotted” (day), remove “Room”?"
        card = await user.row(role="action", conversation=user.conversation, state="proposed", text=text)
        assert card["detail"]["would"][0]["notes"] == [
            "2 rows have a value in “Room”. They are kept, and come back when the change is undone."
        ]
        await user.update("message", card["id"], state="agreed")
        card = await user.row(id=card["id"], state="applied")
        rows = await user.order("list", name, sort="id")
        assert [("room" in row, row["last_repotted"]) for row in rows] == [(False, None)] * 3
        await user.order("undo", "app", values={"change": card["detail"]["change"]})
        await user.row(id=card["id"], state="undone")
        rows = await user.order("list", name, sort="id")
        assert [row["room"] for row in rows] == ["bath", "hall", ""]

    visit(shared, play)


def test_an_app_that_nobody_asked_for_is_not_even_proposed(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        double.play(speech(plants()), speech("Milk is noted."), speech("Milk."))
        step = await user.answer(await user.say("add milk"), purpose="step")
        told = step["detail"]["feedback"]
        assert "The user did not ask for a new app" in told
        assert await user.order("list", "app") == []
        assert not [one for one in await cards(user) if one["state"] == "proposed"]

    visit(shared, play)


async def cards(user: User) -> list[Row]:
    return await user.order("list", "message", where={"conversation": user.conversation, "role": "action"})


def test_a_declaration_that_says_too_little_goes_back_once_and_is_then_told(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        empty = instruction(operation="make_app", label="Plants", fields=[])
        double.play(speech(empty), speech(empty), speech(empty))
        await user.say("make me an app for my plants")
        card = await user.row(role="action", conversation=user.conversation, state="refused")
        assert card["text"].startswith("The app has no `fields`.")

    visit(shared, play)


def test_a_model_is_asked_for_a_declaration_alone_and_held_to_its_form(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        double.play(speech(plants()))
        await user.say(WISH)
        await user.row(role="action", conversation=user.conversation, state="proposed")
        body = double.chats[-1].body
        assert body["format"]["properties"]["operation"] == {"type": "string", "enum": ["make_app"]}
        assert [one["role"] for one in body["messages"]] == ["system", "user"]
        assert body["messages"][0]["content"].startswith("# A new app\n")
        assert body["messages"][1]["content"] == WISH
        assert body["options"]["temperature"] == 0

    visit(shared, play)


def test_an_app_whose_shape_was_changed_meanwhile_is_left_alone(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await made(user, double)
        (app,) = await user.order("list", "app")
        await user.set("app", app["name"])
        double.play(speech(instruction(operation="change_app", add=["Price"])))
        await user.say("add a field for the price")
        text = "Change the app “My plants”: add “Price” (money)?"
        card = await user.row(role="action", conversation=user.conversation, state="proposed", text=text)
        declaration = app["declaration"]
        await user.update("app", app["id"], declaration={**declaration, "label": "My green plants"})
        await user.update("message", card["id"], state="agreed")
        card = await user.row(id=card["id"], state="refused")
        assert card["problem"] == "The app was changed meanwhile, so nothing was done. Ask for it again."

    visit(shared, play)


def test_an_agent_that_is_killed_while_it_makes_an_app_makes_it_once(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        double.play(speech(plants()))
        await user.say(WISH)
        card = await user.row(role="action", conversation=user.conversation, state="proposed")
        shared.kill("agent")
        await user.update("message", card["id"], state="agreed")
        shared.start("agent")
        card = await user.row(id=card["id"], state="applied")
        shared.kill("agent")
        await user.order("update", "message", id=card["id"], values={"state": "agreed"}, actor="user")
        shared.start("agent")
        await user.row(id=card["id"], state="applied")
        assert len(await user.order("list", "app")) == 1
        table = (await user.order("list", "app"))[0]["declaration"]["tables"][0]["name"]
        assert len(await user.order("list", table)) == 3

    visit(shared, play)


def test_a_model_that_calls_tools_gets_one_for_the_app(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await user.set("model", "able:8b")
        fields = [{"label": "Name", "type": "text"}, {"label": "Bought", "type": "date"}]
        call = {"operation": "make_app", "label": "My wines", "row": "a wine", "fields": fields}
        double.play(called(call))
        await user.say("make me an app for my wines: name, bought on")
        card = await user.row(role="action", conversation=user.conversation, state="proposed")
        assert card["text"] == "Make the app “My wines”?"
        names = [one["function"]["name"] for one in double.chats[-1].body["tools"]]
        assert names[-1] == "make_app"
        assert len(names) > 1
        await user.set("model", "small:1b")

    visit(shared, play)


def test_a_newer_proposal_and_the_mark_on_the_older_one_are_one_order(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        double.play(speech(plants()), speech(instruction(operation="change_app", add=["Note"])))
        await user.answer(await user.say(WISH))
        older = await user.row(role="action", conversation=user.conversation, state="proposed")
        await user.answer(await user.say("and a note"))
        older = await user.row(id=older["id"], state="declined")
        assert older["detail"]["replaced"]
        (newer,) = [one for one in await cards(user) if one["state"] == "proposed"]
        changes = await user.order("list", "change", where={"subject": "message"}, sort="id", limit=1_000)
        asked = {one["row"]: one["asked"] for one in changes}
        assert asked[older["id"]] == asked[newer["id"]]

    visit(shared, play)


def test_a_proposal_that_was_decided_meanwhile_stays_as_it_is_beside_the_newer_one(
    shared: System, double: OllamaDouble
) -> None:
    held = threading.Event()

    async def play(user: User) -> None:
        more = instruction(operation="change_app", add=["Note"])
        double.play(speech(plants()), [Wait(held), Say(more), Done()])
        await user.answer(await user.say(WISH))
        older = await user.row(role="action", conversation=user.conversation, state="proposed")
        question = await user.say("and a note")
        await user.answer(question, "streaming")
        await user.update("message", older["id"], state="declined")
        held.set()
        await user.answer(question)
        older = next(one for one in await cards(user) if one["id"] == older["id"])
        assert (older["state"], older["detail"].get("replaced")) == ("declined", None)

    visit(shared, play)
