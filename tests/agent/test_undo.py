"""Everything the assistant did can be undone: one change, an answer, all since a moment; and an undo as well."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bus.messages import StoreChanged, StoreOrder
from services.agent.act.undo import after_undo
from tests.support.http_client import Visitor
from tests.support.model_replies import adding, instruction
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import System
from tests.support.user import Row, User, running, visit


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble() as double, running(double) as system:
        system.start("web", "jobs")
        yield double, system


async def click(system: System, do: str, **values: Any) -> str:
    """Send a command as a page does; return the reason why it is refused, or ""."""
    visitor = await asyncio.to_thread(Visitor, system)
    async with visitor.tab() as tab:
        return await tab.command(do, **values)


async def card(user: User, text: str, state: str = "applied") -> Row:
    return await user.row(role="action", conversation=user.conversation, text=text, state=state)


async def titles(user: User) -> list[str]:
    return [row["title"] for row in await user.order("list", "todo")]


def test_one_change_an_answer_of_several_steps_and_all_since_a_moment(shared: System, double: OllamaDouble) -> None:
    reading = instruction(operation="list", table="todo")
    double.play(
        speech(adding("milk", "eggs") + reading), speech(adding("bread")), speech(adding("rice")), speech(adding("tea"))
    )

    async def play(user: User) -> None:
        answer = await user.answer(await user.say("add milk, eggs and bread"), purpose="chat")
        eggs, bread = await card(user, "Added “eggs” to todo."), await card(user, "Added “bread” to todo.")
        assert await click(shared, "undo-card", message=eggs["id"]) == ""
        await user.row(id=eggs["id"], state="undone")
        assert await titles(user) == ["milk", "bread"]
        assert await click(shared, "undo-answer", message=answer["id"]) == ""
        await user.row(id=bread["id"], state="undone")
        assert await titles(user) == []
        moment = time.time()
        for thing in ("rice", "tea"):
            await user.say(f"add {thing}")
            made = await card(user, f"Added “{thing}” to todo.")
        assert await click(shared, "undo-since", since=str(moment)) == ""
        await user.row(id=made["id"], state="undone")
        assert await titles(user) == []

    visit(shared, play)


def test_a_job_that_the_assistant_started_since_is_named_and_cancelled_and_an_older_one_is_not(
    shared: System, double: OllamaDouble
) -> None:
    run = instruction(operation="run", job="simulate", values={"scenario": "endless"})
    double.play(speech(run), speech(run), speech(adding("rice")))

    async def play(user: User) -> None:
        await user.set("app", "simulator")
        await user.say("simulate endless")
        older = await card(user, "Started “Simulate: endless”.")
        moment = time.time()
        await user.say("simulate endless once more")
        newer = await card_of_another_job(user, older)
        await user.set("app", "todo")
        await user.say("add rice")
        await card(user, "Added “rice” to todo.")
        (begun,) = await user.order("list", "change", where={"subject": "job", "verb": "insert", "row": newer})
        visitor = await asyncio.to_thread(Visitor, shared)
        async with visitor.tab() as tab:
            assert await tab.command("ask-undo-since", change=begun["id"]) == ""
            asked = await tab.until(lambda frame: 'id="undo-since"' in frame)
            assert asked.count("“Simulate: endless” is running: it is cancelled.") == 1
            assert "1 change that still stands" in asked
            assert await tab.command("undo-since", since=str(moment)) == ""
        states = {row["id"]: row["state"] for row in await user.order("list", "job")}
        assert (states[newer], states[older["detail"]["job"]]) == ("cancelled", "running")
        assert await titles(user) == []
        assert await click(shared, "job-cancel", job=older["detail"]["job"]) == ""

    visit(shared, play)


async def card_of_another_job(user: User, older: Row) -> int:
    """Wait for the card of a job other than that of an older card; return the id of that job."""

    def fits(heard: Any) -> Any:
        fact = heard.message
        detail = (fact.row.get("detail") or {}) if isinstance(fact, StoreChanged) and fact.table == "message" else {}
        return detail.get("job", older["detail"]["job"]) != older["detail"]["job"]

    job: int = (await user.guest.until(fits)).message.row["detail"]["job"]
    return job


def test_an_undo_that_is_undone_makes_the_card_applied_and_it_can_be_undone_again(
    shared: System, double: OllamaDouble
) -> None:
    double.play(speech(adding("milk")))

    async def play(user: User) -> None:
        await user.say("add milk")
        entry = await card(user, "Added “milk” to todo.")
        await user.order("undo", "todo", values={"changes": entry["detail"]["changes"]})
        undone = await user.row(id=entry["id"], state="undone")
        (undoing,) = undone["detail"]["undone"].values()
        await user.order("undo", "todo", values={"change": undoing})
        rows = await applied_again(user, entry["id"])
        heard = len(user.guest.heard)
        assert await titles(user) == ["milk"]
        assert await click(shared, "undo-card", message=entry["id"]) == ""
        await user.guest.until(lambda heard: user._is_row(heard, {"id": entry["id"], "state": "undone"}), after=heard)
        assert await titles(user) == []
        assert rows["detail"]["undone"] == {}

    visit(shared, play)


async def applied_again(user: User, number: int) -> Row:
    """Wait until a card that was undone is applied again."""
    fact = await user.guest.until(
        lambda heard: (
            isinstance(heard.message, StoreChanged)
            and heard.message.id == number
            and heard.message.table == "message"
            and heard.message.before.get("state") == "undone"
        )
    )
    row: Row = fact.message.row
    return row


def test_an_undo_that_is_not_possible_is_refused_with_the_reason(shared: System, double: OllamaDouble) -> None:
    double.play(speech(adding("milk", "eggs")))

    async def play(user: User) -> None:
        answer = await user.answer(await user.say("add milk and eggs"))
        await card(user, "Added “eggs” to todo.")
        rows = await user.order("list", "todo")
        await user.update("todo", rows[0]["id"], done=True)
        told = await click(shared, "undo-answer", message=answer["id"])
        assert told.startswith("The row was changed again since")
        assert await titles(user) == ["milk", "eggs"]

    visit(shared, play)


def test_what_is_undone_already_is_refused_with_the_reason(shared: System, double: OllamaDouble) -> None:
    double.play(speech(adding("milk")))

    async def play(user: User) -> None:
        moment = time.time()
        answer = await user.answer(await user.say("add milk"))
        entry = await card(user, "Added “milk” to todo.")
        assert await click(shared, "undo-answer", message=answer["id"]) == ""
        await user.row(id=entry["id"], state="undone")
        told = await click(shared, "undo-answer", message=answer["id"])
        assert told == "There is nothing (left) of this answer that could be undone."
        told = await click(shared, "undo-since", since=str(moment))
        assert told == "Nothing that the assistant did since then still stands."

    visit(shared, play)


def test_an_answer_is_undone_while_the_agent_is_away() -> None:
    with OllamaDouble() as double, running(double) as system:
        system.start("web")
        double.play(speech(adding("milk", "eggs")))

        async def play(user: User) -> None:
            answer = await user.answer(await user.say("add milk and eggs"))
            milk, eggs = [await card(user, f"Added “{thing}” to todo.") for thing in ("milk", "eggs")]
            await asyncio.to_thread(system.kill, "agent")
            assert await click(system, "undo-answer", message=answer["id"]) == ""
            assert await titles(user) == []
            await asyncio.to_thread(system.start, "agent")
            for entry in (milk, eggs):
                await user.row(id=entry["id"], state="undone")

        visit(system, play)


def test_an_undo_while_the_agent_was_away_is_seen_when_it_is_back() -> None:
    with OllamaDouble() as double, running(double) as system:
        double.play(speech(adding("milk")))

        async def play(user: User) -> None:
            await user.say("add milk")
            entry = await card(user, "Added “milk” to todo.")
            await asyncio.to_thread(system.kill, "agent")
            await user.order("undo", "todo", values={"changes": entry["detail"]["changes"]})
            await asyncio.to_thread(system.start, "agent")
            await user.row(id=entry["id"], state="undone")

        visit(system, play)


def test_a_card_of_several_changes_is_undone_with_the_last_of_them() -> None:
    entry = {"state": "applied", "detail": {"changes": [3, 4], "change": 4}}
    half = after_undo(entry, 4, 5)
    assert half["state"] == "applied"
    whole = after_undo(half, 3, 6)
    assert (whole["state"], whole["detail"]["undone"]) == ("undone", {"4": 5, "3": 6})
    assert after_undo(whole, 3, 7) == {}
    again = after_undo(whole, 6, 8)
    assert (again["state"], again["detail"]["changes"]) == ("applied", [8, 4])


VERBS = st.sampled_from(["insert", "update", "toggle", "sort", "delete", "batch"])
STEPS = st.lists(st.tuples(VERBS, st.integers(0, 5), st.sampled_from(["user", "model"])), min_size=1, max_size=12)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_undoing_everything_in_reverse_gives_back_the_identical_rows(shared: System, steps: list[Any]) -> None:
    async def play(user: User) -> None:
        for number in range(3):
            await user.insert("todo", title=f"row {number}")
        before = await user.order("list", "todo", sort="id")
        made: list[int] = []
        for verb, which, actor in steps:
            rows = await user.order("list", "todo", sort="id")
            order = order_for(verb, rows, which, actor)
            heard = await user.guest.bus.ask(order, "todo")
            made += heard.message.changes
        if made:
            await user.order("undo", "todo", values={"changes": made[::-1]})
        assert await user.order("list", "todo", sort="id") == before

    visit(shared, play)


def order_for(verb: str, rows: list[Row], which: int, actor: Any) -> StoreOrder:
    """Return a change of some row, or an insert when there is none."""
    if verb == "insert" or not rows:
        return StoreOrder(verb="insert", table="todo", values={"title": f"new {which}"}, actor=actor)
    key, other = rows[which % len(rows)]["id"], rows[(which + 1) % len(rows)]["id"]
    values: dict[str, Row] = {
        "update": {"title": f"changed {which}", "done": which % 2 == 0},
        "toggle": {"field": "done"},
        "sort": {"after": other if other != key else 0},
        "delete": {},
    }
    if verb == "batch":
        parts = [
            {"verb": "insert", "table": "todo", "values": {"title": "together"}},
            {"verb": "toggle", "table": "todo", "id": key, "values": values["toggle"]},
        ]
        return StoreOrder(verb="batch", table="todo", values={"orders": parts}, actor=actor)
    return StoreOrder(verb=verb, table="todo", id=key, values=values[verb], actor=actor)  # type: ignore[arg-type]
