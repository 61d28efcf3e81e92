"""The assistant starts and ends jobs, tells how far they are, and what it started can be undone."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bus.bus import new_id
from bus.messages import AgentActed, JobProgressed, JobRun, StoreChanged, StoreOrder
from tests.support.model_replies import called, instruction
from tests.support.ollama_double import Model, OllamaDouble, speech
from tests.support.system import System, message_of
from tests.support.user import Row, User, running, visit

FAST = {"operation": "run", "job": "simulate", "values": {"scenario": "fast", "chunks": 5}}
SLOW = {"operation": "run", "job": "simulate", "values": {"scenario": "slow", "chunks": 900}}


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    models = Model("small:1b", ("completion",)), Model("able:8b", ("completion", "tools"))
    with OllamaDouble(*models) as double, running(double) as system:
        system.start("jobs")
        yield double, system


async def in_simulator(user: User) -> None:
    await user.set("app", "simulator")


async def without_jobs(user: User) -> None:
    """Delete the jobs that other tests have left: they might be meant, too."""
    for one in await user.order("list", "job", limit=1_000):
        await user.order("delete", "job", id=one["id"])


async def job(user: User, **wanted: Any) -> Row:
    """Wait for a row of the table job with these values."""

    def fits(heard: Any) -> bool:
        fact = heard.message
        is_job = isinstance(fact, StoreChanged) and fact.table == "job"
        return is_job and all(fact.row.get(name) == value for name, value in wanted.items())

    row: Row = (await user.guest.until(fits)).message.row
    return row


async def card(user: User, state: str, **more: Any) -> Row:
    return await user.row(role="action", conversation=user.conversation, state=state, **more)


def told(double: OllamaDouble) -> str:
    text: str = double.chats[-1].body["messages"][-1]["content"]
    return text


def test_a_job_that_the_words_order_is_started_told_and_ended_by_words(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await in_simulator(user)
        double.play(
            speech(f"Here it goes.\n{instruction(**SLOW)}"),
            speech("It has just begun."),
            speech(instruction(operation="stop", job="simulate")),
        )
        await user.say("simulate 900 chunks slow")
        started = await card(user, "applied")
        row = await job(user, state="running", title="Simulate: slow")
        assert started["text"] == "Started “Simulate: slow”."
        assert started["detail"]["job"] == started["detail"]["row"] == row["id"]
        (order,) = {heard.header.id: heard for heard in user.guest.heard if isinstance(heard.message, JobRun)}.values()
        assert order.message.actor == "model"
        assert order.header.id == f"run-{started['generation']}-0"
        assert order.header.cause == f"generate-{started['generation']}"
        assert user.guest.all(AgentActed)[-1].outcome == "applied"

        await user.guest.until(message_of(JobProgressed, job=str(row["id"]), done=1))
        await user.answer(await user.say("how far is it?"))
        assert f'id {row["id"]}: "Simulate: slow", running, 1 of 900 done, note: "chunk 2"' in told(double)
        assert "You started the job “Simulate: slow”" in told(double)

        await user.say("stop it")
        await job(user, id=row["id"], state="cancelled")
        await user.row(id=started["id"], state="undone")

    visit(shared, play)


def test_a_job_pauses_goes_on_and_is_tried_again_by_words(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await in_simulator(user)
        await without_jobs(user)
        double.play(
            speech(instruction(**SLOW)),
            speech(instruction(operation="pause", job="the simulation")),
            speech(instruction(operation="continue")),
            speech(instruction(operation="cancel", job="simulate")),
            speech(instruction(operation="retry", job="Simulate: slow")),
            speech(instruction(operation="cancel")),
        )
        await user.say("simulate 900 chunks slow")
        key = (await job(user, state="running", title="Simulate: slow"))["id"]
        await user.guest.until(message_of(JobProgressed, job=str(key), done=1))
        await user.say("pause the simulation")
        paused = await card(user, "applied", text="Paused “Simulate: slow”.")
        assert paused["detail"]["row"] == key
        await job(user, id=key, state="paused")
        await user.say("go on with it")
        await card(user, "applied", text="Went on with “Simulate: slow”.")
        await job(user, id=key, state="running", attempt=2)
        await user.say("cancel it")
        await job(user, id=key, state="cancelled")
        await user.say("try it again")
        await card(user, "applied", text="Retried “Simulate: slow”.")
        again = await job(user, id=key, state="running", attempt=3)
        assert again["done"] >= 1
        await user.say("stop it")
        await job(user, id=key, state="cancelled", attempt=3)

    visit(shared, play)


def test_with_several_jobs_the_user_is_asked_which_one_and_nothing_is_guessed(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        await in_simulator(user)
        await without_jobs(user)
        keys = []
        for scenario in ("slow", "endless"):
            values = {"scenario": scenario, "chunks": 900}
            double.play(speech(instruction(operation="run", job="simulate", values=values)))
            await user.say(f"simulate 900 chunks {scenario}")
            keys.append((await job(user, state="running", title=f"Simulate: {scenario}"))["id"])
        double.play(speech(instruction(operation="cancel", job=keys[0])))
        await user.say("cancel it")
        asked = await card(user, "refused")
        assert asked["text"].startswith("Which job? There are several: id ")
        assert f"id {keys[0]} “Simulate: slow” (running" in asked["text"]
        assert f"id {keys[1]} “Simulate: endless” (running" in asked["text"]
        double.play(speech(instruction(operation="cancel", job=keys[1])))
        await user.say("the endless one")
        await job(user, id=keys[1], state="cancelled")
        double.play(speech(instruction(operation="cancel")))
        await user.say("stop it")
        await job(user, id=keys[0], state="cancelled")

    visit(shared, play)


def test_native_calls_start_a_job_and_the_model_is_told_its_id(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await in_simulator(user)
        await user.set("model", "able:8b")
        double.play(called(dict(FAST)), speech("Started."))
        await user.say("simulate 5 chunks fast")
        done = await job(user, state="done", title="Simulate: fast")
        await user.row(role="assistant", conversation=user.conversation, text="Started.")
        result = double.chats[-1].body["messages"][-1]
        assert result["content"] == f"Started “Simulate: fast”. Its id is {done['id']}."
        names = {one["function"]["name"] for one in double.chats[0].body["tools"]}
        assert {"run", "cancel"} <= names
        ended = await card(user, "applied")
        assert ended["detail"]["job"] == done["id"]
        await user.set("model", "small:1b")

    visit(shared, play)


@pytest.mark.parametrize(
    ("words", "app", "reason"),
    [
        ("simulate something fast", "simulator", "You did not say chunks."),
        ("simulate 5 chunks fast", "todo", "It is in another app, which is not open."),
    ],
)
def test_a_job_that_the_words_do_not_support_is_proposed_and_started_when_the_user_agrees(
    shared: System, double: OllamaDouble, words: str, app: str, reason: str
) -> None:
    async def play(user: User) -> None:
        await user.set("app", app)
        double.play(speech(instruction(**FAST)), speech(instruction(**FAST)))
        await user.say(words)
        proposal = await card(user, "proposed")
        assert proposal["text"] == "Start “Simulate: fast”?"
        assert proposal["detail"]["reasons"] == [reason]
        (would,) = proposal["detail"]["would"]
        assert would["after"] == {"title": "Simulate: fast", "app": "simulator", "scenario": "fast", "chunks": 5}
        assert not user.guest.all(JobRun)
        await user.update("message", proposal["id"], state="agreed")
        started = await user.row(id=proposal["id"], state="applied")
        assert started["text"] == "Started “Simulate: fast”."
        await job(user, id=started["detail"]["job"], state="done")
        await user.set("app", "todo")

    visit(shared, play)


def test_a_remark_starts_nothing_and_an_end_without_a_job_is_refused(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await in_simulator(user)
        double.play(speech(instruction(**FAST)), speech("I see."))
        step = await user.answer(await user.say("the simulation was fun"), purpose="step")
        assert step["text"] == "I see."
        double.forget()
        double.play(speech(instruction(operation="cancel")), speech("Nothing runs."))
        step = await user.answer(await user.say("cancel the job"), purpose="step")
        assert "No job is waiting or running" in step["detail"]["feedback"]
        assert not user.guest.all(JobRun)

    visit(shared, play)


@pytest.mark.parametrize("victim", ["agent", "jobs"])
def test_killed_around_the_start_of_a_job_it_starts_once(shared: System, double: OllamaDouble, victim: str) -> None:
    async def play(user: User) -> None:
        await in_simulator(user)
        before = len(await user.order("list", "job", limit=1_000))
        double.play(speech(instruction(**FAST)), speech("Yes."))
        heard = len(user.guest.heard)
        await user.say("simulate 5 chunks fast")
        await user.guest.until(lambda one: isinstance(one.message, JobRun), after=heard)
        await asyncio.to_thread(shared.kill, victim)
        await asyncio.to_thread(shared.start, victim)
        started = await card(user, "applied")
        await user.answer(await user.say("and now?"))
        assert len(await user.order("list", "job", limit=1_000)) == before + 1
        cards = await user.order("list", "message", where={"role": "action", "conversation": user.conversation})
        assert [one["id"] for one in cards] == [started["id"]]

    visit(shared, play)


def test_the_rows_that_a_started_job_made_are_undone_with_its_card(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await in_simulator(user)
        double.play(speech(instruction(**SLOW)))
        await user.say("simulate 900 chunks slow")
        started = await card(user, "applied")
        await job(user, id=started["detail"]["job"], state="running")
        order = StoreOrder(verb="insert", table="todo", values={"title": "made by the job"}, actor="app")
        made = (await user.guest.bus.ask(order, "todo", id=new_id())).message.revision
        await user.update("job", started["detail"]["job"], state="done", changes=[made], ended=1.0)
        ended = await user.guest.until(lambda one: ended_card(one, started["id"]))
        assert ended.message.row["detail"]["changes"] == [made]
        await user.order("undo", "", values={"changes": [made]})
        await user.row(id=started["id"], state="undone")
        assert await user.order("list", "todo") == []

    visit(shared, play)


def ended_card(heard: Any, card: int) -> bool:
    fact = heard.message
    is_card = isinstance(fact, StoreChanged) and fact.table == "message" and fact.id == card
    return is_card and bool((fact.row["detail"] or {}).get("ended"))


def test_the_end_of_a_job_is_told_once_and_is_no_remark_by_itself(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await in_simulator(user)
        await user.set("mode", "chatty")
        double.play(speech(instruction(**FAST)), speech("It is done."), speech("Nothing new."))
        await user.say("simulate 5 chunks fast")
        started = await card(user, "applied")
        done = await job(user, id=started["detail"]["job"], state="done")
        await user.answer(await user.say("how far is it?"))
        line = f'id {done["id"]}: "Simulate: fast", done, 5 of 5 done'
        assert line in told(double)
        assert "- The job “Simulate: fast” is done" in told(double)
        await user.answer(await user.say("and now?"))
        assert "Simulate: fast" not in told(double)
        assert user.remarks() == []

    visit(shared, play)


def test_rows_that_a_job_made_get_one_remark_where_the_app_finds_them_worth_it(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        await user.set("app", "todo")
        await user.set("mode", "ambient")
        double.play(speech("Three at once!"))
        orders = [{"verb": "insert", "table": "todo", "values": {"title": title}} for title in ("tea", "rice", "salt")]
        batch = StoreOrder(verb="batch", table="todo", values={"orders": orders}, actor="app")
        await user.guest.bus.ask(batch, "todo", id="job-1-1-rows")
        remark = await user.row(role="assistant", purpose="comment", state="done")
        assert remark["text"] == "Three at once!"
        assert remark["detail"]["happened"] == "added the todo “tea”"

    visit(shared, play)
