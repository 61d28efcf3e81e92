"""What the user does becomes one line each of what happened lately: the words, the bursts, the profiles."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.core import PROFILE
from apps.todo.store import TODO
from bus.messages import StoreChanged, StoreOrder, UiActed
from bus.wire import Envelope
from services.agent.limits import MAX_RECENT_ACTIONS
from services.agent.prompt.describe import describe_action, describe_change, describe_import, describe_setting
from services.agent.state.events import Event, Events
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import System
from tests.support.user import User, running, visit

MILK = {"id": 3, "title": "milk", "done": False, "profile": 1}


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    """One system for all tests."""
    with OllamaDouble() as double, running(double) as system:
        yield double, system


# --- words ---


@pytest.mark.parametrize(
    ("action", "detail", "words"),
    [
        ("opened", {}, "opened todo"),
        ("searched", {"text": "milk", "found": 3}, "searched for “milk”: 3 rows"),
        ("searched", {"text": "a\nb", "found": 1}, "searched for “a b”: 1 row"),
        ("searched", {"text": 7, "found": "many"}, "searched for “7”: 0 rows"),
        ("filtered", {"filters": {"done": "no"}}, "filtered todo by done: no"),
        ("filtered", {"filters": {}}, "took away the filters of todo"),
        ("filtered", {"filters": "all"}, "took away the filters of todo"),
        ("viewed", {"view": "calendar"}, "looked at todo as calendar"),
        ("viewed", {"row": 3}, "opened the page of the row 3 of todo"),
        ("found", {"table": "todo", "id": 3, "name": "milk"}, "went to “milk” of todo"),
        ("found", {"table": "conversation", "id": 3}, "went to a row of conversation"),
        ("selected", {"table": "todo", "id": "3", "name": "milk"}, "opened “milk” of todo to change it"),
        ("asked_why", {"table": "todo", "name": "milk"}, "asked why this is so: “milk” of todo"),
        ("asked_why", {"table": "change"}, "asked why this is so: a row of change"),
        ("exported", {"file": "todo-Me.csv", "rows": 1_200}, "exported “todo-Me.csv”: 1,200 rows"),
        ("stopped", {"message": 4, "state": "running"}, "stopped your answer"),
        ("jumped", {"height": 3, "far": True}, "jumped todo (height: 3, far: yes)"),
    ],
)
def test_an_action_is_one_line(action: str, detail: dict[str, Any], words: str) -> None:
    assert describe_action(UiActed(app="todo", action=action, detail=detail)) == words


def test_an_action_of_a_stranger_is_bounded() -> None:
    detail = {f"name {number} " + "x" * 500: "y" * 500 for number in range(50)}

    for action in ("jumped" * 100, "filtered", "viewed", "searched", "found", "exported"):
        for one in (detail, {"filters": detail, "text": "z" * 9_000, "name": "n" * 9_000, "file": "f" * 9_000}):
            line = describe_action(UiActed(app="t" * 900, action=action, detail=one))
            assert len(line) < 1_500
            assert "\n" not in line


@pytest.mark.parametrize(
    ("key", "value", "name", "words"),
    [
        ("profile", 2, "Work", "switched to the profile Work"),
        ("profile", 2, "", "switched to another profile"),
        ("model", "qwen3:4b", "", "switched to the model qwen3:4b"),
        ("mode", "quiet", "", "switched your remarks to quiet"),
        ("persona", "sober", "Sober", "gave you the persona Sober"),
        ("ask", "never", "", "wants to be asked before changes: never"),
        ("conversation", 7, "Plants", "opened the conversation “Plants”"),
        ("conversation", 0, "", "began a new conversation"),
        ("theme", "dark", "", ""),
    ],
)
def test_a_switch_is_one_line(key: str, value: object, name: str, words: str) -> None:
    assert describe_setting(key, value, name) == words


def fact(verb: Any, row: Any, before: Any, undoes: int = 0, table: str = "todo") -> StoreChanged:
    return StoreChanged(table=table, verb=verb, id=3, row=row, before=before, actor="user", revision=9, undoes=undoes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (fact("update", MILK, MILK | {"done": True}, 8), "took back: changed a todo: “milk” (done: yes)"),
        (fact("delete", {}, MILK, 8), "took back: added a todo: “milk”"),
        (fact("insert", MILK, {}, 8), "took back: deleted a todo: “milk”"),
        (fact("update", MILK, MILK | {"position": 2.0}, 8), "took back: moved a todo"),
    ],
)
def test_an_undo_says_what_was_taken_back(change: StoreChanged, words: str) -> None:
    assert describe_change(change, TODO) == words


def test_a_new_profile_is_one_line() -> None:
    assert describe_change(fact("insert", {"id": 2, "name": "Work"}, {}, table="profile"), PROFILE) == (
        "added a profile: “Work”"
    )


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ("running", "done", "imported “todo.csv”: 12 rows of todo"),
        ("running", "stopped", "began to import “todo.csv”, and it stopped after 12 rows of todo"),
        ("undoing", "undone", "took back the import of “todo.csv”"),
        ("running", "running", ""),
        ("checked", "running", ""),
    ],
)
def test_an_import_is_one_line_when_it_is_over(before: str, now: str, words: str) -> None:
    row = {"file": "todo.csv", "subject": "todo", "done": 12, "state": now}

    assert describe_import(fact("update", row, row | {"state": before}, table="import")) == words


# --- bursts and profiles ---


def test_of_a_burst_the_last_counts_and_others_are_counted() -> None:
    events = Events(lambda: 1)
    for words in ("mi", "mil", "milk"):
        events.add(Event(f"searched for {words}", 1, "search"))
    for number in range(12):
        events.add(Event(f"deleted {number}", 1, "order-1", counts=True))
    events.add(Event("searched for eggs", 1, "search"))

    assert events.since(0) == ("searched for milk", "deleted 0, and 11 more like it", "searched for eggs")


def test_a_burst_that_goes_on_is_told_again() -> None:
    events = Events(lambda: 1)
    events.add(Event("searched for mi", 1, "search"))
    heard = events.newest

    assert events.since(heard) == ()
    events.add(Event("searched for milk", 1, "search"))
    assert events.since(heard) == ("searched for milk",)


def test_only_the_newest_lines_of_the_profile_in_view_are_told() -> None:
    profile = 1
    events = Events(lambda: profile)
    for number in range(30):
        events.add(Event(f"mine {number}", 1))
        events.add(Event(f"yours {number}", 2))
    events.add(Event("switched", 0))

    newest = range(30 - MAX_RECENT_ACTIONS + 1, 30)
    assert events.since(0) == (*(f"mine {number}" for number in newest), "switched")
    profile = 2
    assert not any("mine" in line for line in events.since(0))
    profile = 0  # nobody knows it yet
    assert events.since(0) == ("switched",)


# --- in the prompt ---


async def told(user: User, double: OllamaDouble) -> str:
    """Ask something in a new conversation; return all that the model is told."""
    double.play(speech("Well."))
    conversation = await user.insert("conversation", title="Another")
    await user.answer(await user.say("What did I do?", conversation["id"]))
    return "\n".join(message["content"] for message in user.orders_to_generate()[-1].messages)


def setting_is(heard: Envelope, key: str, value: str, before: str) -> bool:
    fact = heard.message
    known = isinstance(fact, StoreChanged) and fact.table == "setting" and fact.id == key
    return known and (fact.row["value"], fact.before.get("value")) == (value, before)


def test_switches_undo_and_actions_stand_in_the_next_prompt(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        milk = await user.insert("todo", title="milk", profile=1)
        done = await user.guest.bus.ask(
            StoreOrder(verb="update", table="todo", id=milk["id"], values={"done": True}), "todo"
        )
        await user.order("undo", "", values={"changes": done.message.changes})
        await user.set("mode", "chatty")
        await user.set("mode", "quiet")
        await user.guest.until(lambda heard: setting_is(heard, "mode", "quiet", before="chatty"))
        for number, words in enumerate(("mi", "milk")):
            detail = {"text": words, "found": 2 - number}
            user.guest.bus.say(UiActed(app="todo", action="searched", detail=detail, profile=1), "todo")
        user.guest.bus.say(UiActed(app="todo", action="exported", detail={"file": "a.csv", "rows": 1}, profile=1))
        work = await user.insert("profile", name="Work")
        await user.set("profile", work["id"])
        await user.set("profile", 1)

        text = await told(user, double)

        for line in (
            "The user added a todo: “milk”",
            "The user took back: changed a todo: “milk” (done: yes)",
            "The user switched your remarks to quiet",
            "The user searched for “milk”: 1 row",
            "The user exported “a.csv”: 1 row",
        ):
            assert line in text
        assert "chatty" not in text
        assert "“mi”" not in text
        await user.order("delete", "profile", id=work["id"])

    visit(shared, play)


def test_what_was_done_in_another_profile_is_not_told(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        work = await user.insert("profile", name="Work")
        await user.insert("todo", title="a ring for Anna", profile=1)
        detail = {"text": "jeweller", "found": 1}
        user.guest.bus.say(UiActed(app="todo", action="searched", detail=detail, profile=1), "todo")
        await user.set("profile", work["id"])

        there = await told(user, double)
        assert "switched to the profile Work" in there
        assert "Anna" not in there
        assert "jeweller" not in there

        await user.set("profile", 1)
        here = await told(user, double)
        assert "The user added a todo: “a ring for Anna”" in here
        assert "jeweller" in here

    visit(shared, play)


def test_many_rows_of_one_order_are_one_line(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        orders = [
            {"verb": "insert", "table": "todo", "values": {"title": f"thing {number}", "profile": 1}}
            for number in range(40)
        ]
        await user.order("batch", "todo", values={"orders": orders})

        text = await told(user, double)

        assert "The user added a todo: “thing 0”, and 39 more like it" in text

    visit(shared, play)


def test_an_import_is_one_line_and_not_one_for_each_row(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        row = await user.insert("import", file="todo.csv", subject="todo", target=1, state="running")
        progress = {"verb": "update", "table": "import", "id": row["id"], "values": {"done": 3, "blocks": 1}}
        rows = [
            {"verb": "insert", "table": "todo", "values": {"title": f"imported {number}", "profile": 1}}
            for number in range(3)
        ]
        await user.order("batch", "import", values={"orders": [progress, *rows]})
        await user.update("import", row["id"], state="done")

        text = await told(user, double)

        assert "The user imported “todo.csv”: 3 rows of todo" in text
        assert "The user added a todo: “imported" not in text

    visit(shared, play)
