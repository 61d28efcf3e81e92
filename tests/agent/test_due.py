"""The assistant writes due dates in the words it heard; the card shows what came of them; a tick makes the next one."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from apps.todo.agent import worth_a_comment
from apps.todo.store import TODO
from apps.types.reader import HERE
from bus.messages import StoreChanged
from services.agent.grounding.values import is_said
from services.agent.parse.types import MODEL_TYPES
from tests.support.model_replies import instruction
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import System
from tests.support.user import User, running, visit

DUE, REPEAT = TODO.all_fields["due"], TODO.all_fields["repeat"]


def day(ahead: int) -> str:
    return (datetime.now() + timedelta(days=ahead)).date().isoformat()


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble() as double, running(double) as system:
        yield double, system


def test_words_for_a_date_and_a_repeat_become_values(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        values = {"title": "call the bank", "due": "tomorrow 9:00", "repeat": "every week", "tags": "home"}
        double.play(speech(instruction(operation="insert", table="todo", values=values)))
        await user.say("remind me to call the bank tomorrow 9:00, every week, for home")
        card = await user.row(role="action", conversation=user.conversation, state="applied")
        (row,) = await user.order("list", "todo", where={"title": "call the bank"})
        assert (row["due"], row["repeat"], row["tags"]) == (f"{day(1)}T09:00", "FREQ=WEEKLY", ["home"])
        assert "call the bank" in card["text"]

    visit(shared, play)


def test_a_date_that_the_words_name_may_overwrite_another_one(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        row = await user.insert("todo", title="pay the rent", due=day(-1), profile=1)
        double.play(speech(instruction(operation="update", table="todo", id=row["id"], values={"due": "tomorrow"})))
        await user.say("move the rent to tomorrow")
        await user.row(role="action", conversation=user.conversation, state="applied")
        (now,) = await user.order("get", "todo", id=row["id"])
        assert now["due"] == day(1)

    visit(shared, play)


def test_a_tick_of_the_assistant_makes_the_next_one(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        row = await user.insert("todo", title="water the ferns", due=day(0), repeat="FREQ=DAILY", profile=1)
        double.play(speech(instruction(operation="update", table="todo", id=row["id"], values={"done": True})))
        await user.say("tick the ferns, I watered them")
        await user.row(role="action", conversation=user.conversation, state="applied")
        rows = await user.order("list", "todo", where={"title": "water the ferns"})
        assert [(one["done"], one["due"]) for one in rows] == [(True, day(0)), (False, day(1))]

    visit(shared, play)


@pytest.mark.parametrize(
    ("words", "value", "supported"),
    [
        ("move it to tomorrow", day(1), True),
        ("verschieb es auf übermorgen um 10 Uhr", f"{day(2)}T10:00", True),
        ("move it to next week", day(300), False),
        ("move it", day(1), False),
    ],
)
def test_only_a_day_that_is_named_is_said(words: str, value: str, supported: bool) -> None:
    assert is_said(value, DUE, words) is supported


def test_only_a_repeat_that_is_named_is_said() -> None:
    assert is_said("FREQ=WEEKLY;BYDAY=MO", REPEAT, "do it every Monday, please")
    assert not is_said("FREQ=DAILY", REPEAT, "do it every Monday, please")


def test_the_model_is_shown_what_it_would_write() -> None:
    assert MODEL_TYPES["when"].show("2026-11-28T09:00", HERE) == "2026-11-28 09:00"
    assert MODEL_TYPES["repeat"].show("FREQ=WEEKLY;BYDAY=MO", HERE) == "every Monday"


def test_a_remark_tells_what_was_due() -> None:
    before = {"id": 1, "title": "rent", "done": False, "due": day(-1)}
    after = {**before, "done": True}
    fact = StoreChanged(table="todo", verb="update", id=1, row=after, before=before, actor="user", revision=3)

    assert worth_a_comment(fact) == "ticked “rent”, due yesterday"
