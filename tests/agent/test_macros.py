"""Macros in the talk: run by their names, once over a kill of the store; and offered for what is done a third time."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bus.messages import StoreChanged, StoreOrder
from services.agent.act.macros.habits import Made, repeated_in
from services.agent.act.macros.said import said
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import PATIENCE_SECONDS, System, message_of
from tests.support.user import Row, User, running, visit

MACROS = [{"name": "Friday shopping"}, {"name": "Friday"}, {"name": "Wäsche"}]


@pytest.mark.parametrize(
    ("text", "name", "word"),
    [
        ("run Friday shopping", "Friday shopping", ""),
        ("Please run the macro friday-shopping!", "Friday shopping", ""),
        ("do my Friday shopping again", "Friday shopping", ""),
        ("run Friday", "Friday", ""),
        ("run Friday: bananas", "Friday", "bananas"),
        ("run Friday shopping with bananas and tea", "Friday shopping", "bananas and tea"),
        ("führe Friday shopping aus", "Friday shopping", ""),
        ("mach Wasche", "Wäsche", ""),
        ("lance Friday shopping", "Friday shopping", ""),
        ("ejecuta Friday shopping", "Friday shopping", ""),
    ],
)
def test_a_macro_is_named_in_an_order(text: str, name: str, word: str) -> None:
    found = said(text, MACROS)
    assert found is not None
    assert (found.macro["name"], found.word) == (name, word)


@pytest.mark.parametrize(
    "text",
    ["Friday shopping", "add Friday shopping", "run away", "don’t run Friday shopping", "I run Friday", "run", ""],
)
def test_other_words_run_none(text: str) -> None:
    assert said(text, MACROS) is None


# --- in the talk ---


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble() as double, running(double) as system:
        yield double, system


def adding(title: str) -> Row:
    return {"verb": "insert", "table": "todo", "scoped": True, "values": {"title": title}}


async def titles(user: User) -> list[str]:
    return [row["title"] for row in await user.order("list", "todo", sort="id")]


async def macro(user: User, name: str, *steps: Row, **values: object) -> Row:
    for known in await user.order("list", "macro"):
        await user.order("delete", "macro", id=known["id"])
    return await user.insert("macro", name=name, steps=list(steps), **values)


def test_saying_its_name_runs_it_without_a_model_and_one_undo_takes_it_back(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        await macro(user, "Friday shopping", adding("milk"), adding("eggs"))
        asked = len(double.chats)
        answer = await user.answer(await user.say("run Friday shopping"))
        assert answer["text"] == "Done."
        card = await user.row(role="action", conversation=user.conversation, state="applied")
        assert card["text"] == "Ran “Friday shopping”: 2 changes."
        assert await titles(user) == ["milk", "eggs"]
        assert len(double.chats) == asked
        changes = card["detail"]["changes"]
        made = await user.order("list", "change", where={"id": changes})
        assert {one["asked"] for one in made} == {f"do-{answer['generation']}"}
        await user.order("undo", "", values={"changes": changes})
        assert await titles(user) == []
        await user.row(id=card["id"], state="undone")

    visit(shared, play)


def test_the_word_is_said_behind_the_name_and_asked_for_if_it_is_not(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await macro(user, "Shopping", adding("Buy {word}"), ask="What to buy?")
        answer = await user.answer(await user.say("run shopping"))
        assert answer["text"] == "Not done: The macro “Shopping” asks: What to buy?"
        await user.answer(await user.say("run shopping: bananas"))
        assert await titles(user) == ["Buy bananas"]

    visit(shared, play)


def test_rows_that_are_gone_are_told_and_the_rest_is_done(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        gone = {"id": 10**6, "title": "tea", "field": "title", "find": "id"}
        await macro(user, "Shopping", adding("milk"), {**adding(""), "verb": "delete", "values": {}, "row": gone})
        answer = await user.answer(await user.say("run shopping"))
        assert answer["text"] == "Done. Left out, because it is gone: “tea” of todo."

    visit(shared, play)


def test_a_run_that_changes_nothing_says_so_and_has_no_card(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        milk = await user.insert("todo", title="milk", done=True)
        named = {"id": milk["id"], "title": "milk", "field": "title", "find": "id"}
        await macro(user, "Tick", {**adding(""), "verb": "update", "values": {"done": True}, "row": named})
        answer = await user.answer(await user.say("run tick"))
        assert answer["text"] == "“Tick” changed nothing: all of it is so already."
        assert await user.order("list", "message", where={"reply_to": answer["id"]}) == []

    visit(shared, play)


def test_words_that_name_no_macro_are_answered_by_the_model(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await macro(user, "Shopping", adding("milk"))
        double.play(speech("Good idea."))
        answer = await user.answer(await user.say("run a marathon"))
        assert answer["text"] == "Good idea."
        assert await titles(user) == []

    visit(shared, play)


@pytest.fixture
def mortal(shared: System) -> Iterator[System]:
    """The processes of the module, for a test that kills some of them. All run again when the next test begins."""
    names = list(shared.processes)
    yield shared
    shared.start(*(name for name in names if name not in shared.processes))


def order_with(prefix: str) -> Any:
    return lambda heard: isinstance(heard.message, StoreOrder) and heard.header.id.startswith(prefix)


async def stored_answer(user: User, question: Row) -> Row:
    """Return the answer to a question when it is done. A store that is killed does not say what it has just stored."""
    where = {"role": "assistant", "reply_to": question["id"], "state": "done"}
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if rows := await user.order("list", "message", where=where):
                return rows[0]
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("victim", ["agent", "store"])
def test_killed_in_the_middle_of_a_run_it_is_made_once_and_whole(mortal: System, victim: str) -> None:
    moments = (order_with("do-"), message_of(StoreChanged, table="todo"), order_with("played-"))

    async def play(user: User) -> None:
        await macro(user, "Shopping", adding("milk"), adding("eggs"), adding("bread"))
        for count, moment in enumerate(moments, start=1):
            heard = len(user.guest.heard)
            question = await user.say("run shopping")
            await user.guest.until(moment, after=heard)
            await asyncio.to_thread(mortal.kill, victim)
            await asyncio.to_thread(mortal.start, victim)
            answer = await stored_answer(user, question)
            assert answer["text"] == "Done."
            cards = await user.order("list", "message", where={"reply_to": answer["id"], "role": "action"})
            assert [len(card["detail"]["changes"]) for card in cards] == [3]
            assert await titles(user) == ["milk", "eggs", "bread"] * count

    visit(mortal, play)


# --- what is done a third time ---


def made(*names: str) -> list[Made]:
    return [Made(revision, ("todo", "insert", name, ""), 1) for revision, name in enumerate(names, start=1)]


@pytest.mark.parametrize(
    ("names", "repeated"),
    [
        ("abc abc abc", True),
        ("abc x bca yz cab", True),
        ("abc abc", False),
        ("aaa aaa aaa", False),
        ("abc abd abc", False),
        ("ababab", False),
    ],
)
def test_the_same_three_changes_a_third_time_are_noticed_in_any_order(names: str, repeated: bool) -> None:
    found = repeated_in(made(*names.replace(" ", "")))
    assert bool(found) is repeated
    if found:
        assert len(found.changes) == 3


def test_a_macro_is_offered_once_and_not_in_the_mode_quiet(shared: System, double: OllamaDouble) -> None:
    async def shop(user: User, *names: str) -> None:
        for name in names:
            await user.insert("todo", title=name)

    async def play(user: User) -> None:
        for _ in range(3):
            await shop(user, "a", "b", "c")
        await user.set("mode", "ambient")
        await user.set("silence", {"apps": [], "until": 0})
        for _ in range(3):
            await shop(user, "milk", "eggs", "bread")
        offer = await user.row(purpose="comment", state="done")
        assert offer["text"].startswith("You did this a third time: added “milk”, added “eggs”, added “bread”.")
        assert len(offer["detail"]["macro"]) == 3
        for _ in range(3):
            await shop(user, "milk", "eggs", "bread")
        offers = await user.order("list", "message", where={"purpose": "comment"}, limit=100)
        assert [row["id"] for row in offers if (row["detail"] or {}).get("macro")] == [offer["id"]]

    visit(shared, play)
