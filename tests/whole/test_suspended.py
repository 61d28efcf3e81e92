"""SIGSTOP and SIGCONT of processes, one by one and all together, as when a laptop sleeps."""

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.messages import LlmFinished, LlmToken, StoreOrder
from tests.support.browser import WITH_JOBS
from tests.support.http_client import Visitor
from tests.support.ollama_double import Done, OllamaDouble, Say
from tests.support.system import System, message_of
from tests.support.user import Row, User, visit

WORDS = [f"word{number} " for number in range(300)]
TEXT = "".join(WORDS)
SCRIPT = [*(Say(word, 200) for word in WORDS), Done()]
BEYOND_ALL_QUEUES = 40_000
"""Messages: more than fit into the queues of sender, broker and receiver together."""


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


@pytest.fixture(scope="module")
def system(ollama: OllamaDouble) -> Iterator[System]:
    with System({"OLLAMA_HOST": ollama.url, "PIANOLA_PROCESSES": ",".join(WITH_JOBS)}) as system:
        for name in reversed(WITH_JOBS):  # the broker starts last, so that the others wait for it
            system.launch(name)
        for name in WITH_JOBS:
            system.wait_ready(name)
        yield system


@pytest.fixture(autouse=True)
def same_processes(system: System) -> Iterator[None]:
    """Check that each process that was stopped is the same process afterwards."""
    before = {name: process.pid for name, process in system.processes.items()}
    yield
    assert {name: process.pid for name, process in system.processes.items() if process.poll() is None} == before


async def asked(user: User, ollama: OllamaDouble) -> Row:
    """Ask for a long answer, and wait until it has begun."""
    ollama.play(SCRIPT)
    question = await user.say("Talk.")
    await user.token(20)
    return question


def memory(pid: int) -> int:
    """Return the resident bytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_an_answer_continues_when_the_worker_continues(system: System, ollama: OllamaDouble):
    async def play(user: User) -> None:
        question, requests = await asked(user, ollama), len(ollama.chats)
        system.signal("llm_worker", signal.SIGSTOP)
        await user.insert("todo", title="meanwhile")
        (row,) = await user.order("list", "message", where={"reply_to": question["id"]})
        assert row["state"] == "streaming"
        system.signal("llm_worker", signal.SIGCONT)

        assert (await user.answer(question))["text"] == TEXT
        assert len(user.guest.all(LlmFinished)) == 1
        assert len(ollama.chats) == requests

    visit(system, play)


async def flood(user: User, generation: str) -> None:
    """Send more messages than the queues hold, in portions: wait until each portion came back through the broker."""
    for number in range(BEYOND_ALL_QUEUES):
        user.guest.bus.say(LlmToken(generation=generation, index=number, text="x"), "1000000")
        if number % 500 == 499:
            await user.guest.until(message_of(LlmToken, generation=generation, index=number), after=number)


def test_web_and_logger_catch_up_after_being_stopped_during_a_flood(system: System, ollama: OllamaDouble):
    """The broker's memory stays bounded. Then the page has the whole text, and the log says what it missed."""

    async def play(user: User) -> None:
        async with Visitor(system).tab() as tab:
            question = await asked(user, ollama)
            before = memory(system.processes["broker"].pid)
            for name in ("web", "logger"):
                system.signal(name, signal.SIGSTOP)
            await flood(user, "1000000.1")
            answer = await user.answer(question)
            await user.insert("todo", title="said in the flood.")
            assert memory(system.processes["broker"].pid) - before < 100_000_000
            for name in ("web", "logger"):
                system.signal(name, signal.SIGCONT)

            article = f'id="message-{answer["id"]}"'
            await tab.until(lambda frame: article in frame and WORDS[-1].strip() in frame)
            await tab.until(lambda frame: "said in the flood." in frame)
            assert answer["text"] == TEXT
        log = system.settings.logs / "bus.log"
        async with asyncio.timeout(60):
            while "messages missed from guest" not in await asyncio.to_thread(log.read_text):
                await user.insert("todo", title="one more")  # the logger sees a gap at the next message
                await asyncio.sleep(0.1)

    visit(system, play)


def test_a_question_asked_while_the_agent_is_stopped_during_a_flood_is_answered(system: System, ollama: OllamaDouble):
    async def play(user: User) -> None:
        system.signal("agent", signal.SIGSTOP)
        await flood(user, "1000000.2")
        ollama.play([Say("I did not hear you, but I looked."), Done()])
        question = await user.say("Do you hear me?")
        system.signal("agent", signal.SIGCONT)

        assert (await user.answer(question))["text"].startswith("I did not hear you")

    visit(system, play)


def test_when_the_broker_is_stopped_the_page_says_so_and_later_has_everything(system: System, ollama: OllamaDouble):
    async def play(user: User) -> None:
        async with Visitor(system).tab() as tab:
            question = await asked(user, ollama)
            system.signal("broker", signal.SIGSTOP)
            await tab.until(lambda frame: 'id="status"' in frame and "Waiting for bus" in frame)
            adding = asyncio.create_task(tab.command("insert", table="todo", title="while it stood still."))
            tab.frames.clear()
            system.signal("broker", signal.SIGCONT)

            assert await adding == ""
            assert (await user.answer(question))["text"] == TEXT
            await tab.until(lambda frame: "while it stood still." in frame)
            await tab.until(lambda frame: 'id="status"' in frame and 'data-state="ready"' in frame)

    visit(system, play)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_after_all_processes_were_stopped_they_continue_in_any_order(system: System, ollama: OllamaDouble, seed: int):
    """They are stopped for longer than the timeouts of their connections and of the other processes."""
    order = random.Random(seed).sample(WITH_JOBS, len(WITH_JOBS))

    async def play(user: User) -> None:
        async with Visitor(system).tab() as tab:
            question = await asked(user, ollama)
            adding = asyncio.create_task(tab.command("insert", table="todo", title=f"at night {seed}."))
            for name in WITH_JOBS:
                system.signal(name, signal.SIGSTOP)
            await asyncio.sleep(7)  # the time itself is what is tested
            for name in order:
                system.signal(name, signal.SIGCONT)

            await adding  # carried out, or refused because it came too late
            assert (await user.answer(question))["text"] == TEXT
            rows = (await user.guest.bus.ask(StoreOrder(verb="list", table="todo"), "todo", seconds=60)).message.rows
            assert [row["title"] for row in rows].count(f"at night {seed}.") <= 1
            assert await tab.command("insert", table="todo", title=f"in the morning {seed}.") == ""
            await tab.until(lambda frame: f"in the morning {seed}." in frame)

    visit(system, play)
