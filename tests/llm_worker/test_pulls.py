"""Models are got from Ollama's library with progress, stopped, and taken up again; and taken out of memory."""

import threading
from collections.abc import Iterator

import pytest

from bus.messages import LlmListed, LlmPull, LlmPulled, LlmUnload, ServiceAsked
from tests.llm_worker.test_kinds import staged
from tests.support.ollama_double import (
    Fin,
    Line,
    Model,
    OllamaDouble,
    Pause,
    Raw,
    Status,
    Tell,
    Wait,
    layer,
    pulling,
)
from tests.support.system import Guest, System, message_of

NEW = "new:1b"
TOTAL = 1_000_000


@pytest.fixture
def stage() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble(Model("old:1b", loaded=True)) as double, System({"OLLAMA_HOST": double.url}) as system:
        system.start("broker", "llm_worker")
        yield double, system


@pytest.fixture(scope="module")
def started() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble(Model("old:1b", loaded=True)) as double, System({"OLLAMA_HOST": double.url}) as system:
        system.start("broker", "llm_worker")
        yield double, system


@pytest.fixture
def shared(started: tuple[OllamaDouble, System]) -> tuple[OllamaDouble, System]:
    """The stage of all tests after which nothing has been pulled: its double has heard no pull."""
    started[0].pulls.clear()
    return started


async def pulled(guest: Guest, model: str = NEW) -> LlmPulled:
    """Order a pull; return the message that it has ended."""
    answer = await guest.bus.ask(LlmPull(model=model), model)
    assert answer.message.state in ("running", "failed")
    return await ended(guest, model)


async def ended(guest: Guest, model: str = NEW) -> LlmPulled:
    """Return the message that a pull has ended."""
    is_end = lambda heard: isinstance(heard.message, LlmPulled) and heard.message.state != "running"  # noqa: E731
    end = (await guest.until(lambda heard: is_end(heard) and heard.message.model == model)).message
    assert isinstance(end, LlmPulled)
    return end


def has(model: str):
    """Return the condition for a list with this model."""
    return lambda heard: (
        isinstance(heard.message, LlmListed) and any(one["name"] == model for one in heard.message.models)
    )


def test_a_pull_tells_how_far_it_is_and_then_the_model_is_listed(stage):
    double, system = stage
    half = [layer(NEW, 0, TOTAL), layer(NEW, TOTAL // 2, TOTAL), Pause(1.1), layer("config", 7, 14)]
    double.play_pull([*half, Pause(1.1), *pulling(NEW, 4)])

    async def play(guest: Guest) -> list[LlmPulled]:
        end = await pulled(guest)
        assert (end.state, end.problem, end.note) == ("done", "", "success")
        await guest.until(has(NEW))
        return guest.all(LlmPulled, model=NEW)

    said = system.visit(play)

    assert [one.state for one in said] == ["running"] * (len(said) - 1) + ["done"]
    assert (TOTAL // 2 + 7, TOTAL + 14) in [(one.done, one.total) for one in said]
    assert len(said) <= 7
    assert double.pulls[0].body == {"model": NEW, "stream": True}


def test_a_cancelled_pull_closes_the_connection_and_the_next_one_goes_on(stage):
    double, system = stage
    arrived, never = threading.Event(), threading.Event()
    double.play_pull([layer(NEW, TOTAL // 2, TOTAL), Tell(arrived), Wait(never)], pulling(NEW, 2))

    async def play(guest: Guest) -> None:
        await guest.bus.ask(LlmPull(model=NEW), NEW)
        await guest.until(message_of(LlmPulled, model=NEW, done=TOTAL // 2))
        again = await guest.bus.ask(LlmPull(model=NEW), NEW)  # it runs already
        assert (again.message.state, again.message.done) == ("running", TOTAL // 2)
        await guest.bus.ask(LlmPull(model=NEW, cancel=True), NEW)
        end = await ended(guest)
        assert (end.state, end.done, end.problem) == ("cancelled", TOTAL // 2, "")

    system.visit(play)
    assert double.pulls[0].closed.wait(60)
    assert len(double.pulls) == 1
    assert system.visit(pulled).state == "done"


def test_a_worker_that_is_told_to_stop_ends_a_pull_with_a_sentence(stage):
    double, system = stage
    never = threading.Event()
    double.play_pull([layer(NEW, 1, TOTAL), Wait(never)])

    async def play(guest: Guest) -> None:
        await guest.bus.ask(LlmPull(model=NEW), NEW)
        await guest.until(message_of(LlmPulled, model=NEW, done=1))
        system.stop("llm_worker")
        end = await ended(guest)
        assert end.state == "failed"
        assert "it goes on where it ended" in end.problem

    system.visit(play)


FAILURES = {
    "an unknown name": ([Line({"error": "pull model manifest: file does not exist"})], "Is the name right?"),
    "an unknown name, refused": ([Status(404, "model 'new:1b' not found")], "Is the name right?"),
    "a full disk": (
        [layer(NEW, 5, 9), Line({"error": "write blob: no space left on device"})],
        "Make room on the disk",
    ),
    "no network": ([Line({"error": "dial tcp: lookup registry: no such host"})], "Is this machine connected?"),
    "another error": ([Status(500, "something broke")], "something broke"),
    "a cut": ([layer(NEW, 5, 9), Fin()], "could not get 'new:1b': the download broke off"),
    "an end too early": ([layer(NEW, 5, 9)], "it broke off before the end"),
    "a page": ([Raw(b"<html></html>\n")], "does not speak Ollama's protocol"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_pull_that_fails_says_what_to_do(shared, name):
    script, sentence = FAILURES[name]
    double, system = shared
    double.play_pull(script)

    end = system.visit(pulled)

    assert end.state == "failed"
    assert sentence in end.problem
    assert end.problem.isprintable()


@pytest.mark.parametrize("name", ["", " ", "../x", "a b", "x\ny", "a" * 300, "http://evil"])
def test_a_name_that_cannot_be_one_is_refused_without_asking(shared, name):
    double, system = shared

    async def play(guest: Guest) -> LlmPulled:
        return (await guest.bus.ask(LlmPull(model=name), "")).message

    end = system.visit(play)

    assert end.state == "failed"
    assert "is no name of a model" in end.problem
    assert double.pulls == []


def test_a_pull_that_does_not_run_can_be_cancelled_without_harm(stage):
    _, system = stage

    async def play(guest: Guest) -> str:
        return (await guest.bus.ask(LlmPull(model=NEW, cancel=True), NEW)).message.state

    assert system.visit(play) == "cancelled"


def test_a_model_is_taken_out_of_memory(stage):
    double, system = stage

    async def play(guest: Guest) -> str:
        guest.bus.say(ServiceAsked())
        await guest.until(has("old:1b"))
        answer = (await guest.bus.ask(LlmUnload(model="old:1b"), "old:1b")).message
        await guest.until(lambda heard: has("old:1b")(heard) and not heard.message.models[0]["loaded"])
        return answer.problem

    assert system.visit(play) == ""
    assert double.chats[-1].body == {"model": "old:1b", "messages": [], "keep_alive": 0, "stream": False}


def test_what_cannot_be_taken_out_of_memory_is_said(shared):
    _, system = shared

    async def play(guest: Guest) -> tuple[str, str]:
        gone = (await guest.bus.ask(LlmUnload(model="gone:1b"), "gone:1b")).message
        rehearsal = (await guest.bus.ask(LlmUnload(model="rehearsal"), "rehearsal")).message
        return gone.problem, rehearsal.problem

    gone, rehearsal = system.visit(play)

    assert "not found" in gone
    assert rehearsal == ""


def test_a_server_of_another_kind_says_that_it_cannot():
    with staged("llama.cpp") as other:

        async def play(guest: Guest) -> str:
            return (await guest.bus.ask(LlmUnload(model=other.model), other.model)).message.problem

        problem = other.system.visit(play)

    assert "The server 'lab' cannot take a model out of memory" in problem
