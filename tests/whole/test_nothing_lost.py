"""Nothing is lost: whichever process is killed with -9 during work, page and table end up complete."""

import asyncio
import random
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing

import pytest
from playwright.sync_api import expect

from bus.bus import Bus
from bus.messages import LlmToken, StoreOrder
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.launched import Launched
from tests.support.model_replies import unfinished
from tests.support.ollama_double import Done, OllamaDouble, Say, Wait
from tests.support.recorder import Recorder
from tests.support.system import run_apart

WORDS = ["alpha ", "βeta ", "<b>γ</b> ", "δ & ", "🎹 ", "\u0085x ", "end. "]
TOKENS = [f"{number}{WORDS[number % len(WORDS)]}" for number in range(400)]
TEXT = "".join(TOKENS)
SCRIPT = [*(Say(token, rate=200) for token in TOKENS), Done()]


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


@pytest.fixture(scope="module")
def launched(ollama: OllamaDouble) -> Iterator[Launched]:
    with Launched(ollama.url) as launched:
        run_apart(be_quiet(launched))
        yield launched


async def be_quiet(launched: Launched) -> None:
    """Switch remarks off, because the double's scripts are for answers."""
    async with visitor(launched) as bus:
        await bus.ask(StoreOrder(verb="update", table="setting", id="mode", values={"value": "quiet"}), "setting")


@pytest.fixture
def tab(launched: Launched, chromium: Chromium) -> Iterator[Tab]:
    with chromium.visit(launched) as tab:
        tab.tolerates_lost_connection = True
        tab.page.get_by_role("button", name="New conversation").first.click()
        expect(tab.page.locator("#chat-log article.message")).to_have_count(0)
        yield tab


SHOWN_AGAIN = """
length => document.querySelector("#chat-log article.message[data-role=assistant]:last-of-type .text")
    ?.innerText.trim().length >= length
"""


@asynccontextmanager
async def visitor(launched: Launched) -> AsyncIterator[Bus]:
    bus = Bus("visitor", launched.settings, lambda _text, _error: None)
    bus.connect()
    try:
        await bus.greet(60)
        yield bus
    finally:
        bus.close()


def stored_text(launched: Launched, generation: str) -> tuple[str, str]:
    """Return text and state of the message that a generation wrote."""

    async def ask() -> tuple[str, str]:
        async with visitor(launched) as bus:
            order = StoreOrder(verb="get", table="message", id=int(generation.split(".", maxsplit=1)[0]))
            row = (await bus.ask(order, "message")).message.rows[0]
            return row["text"], row["state"]

    return run_apart(ask())


@pytest.mark.parametrize("victim", [name for name in EVERYTHING if name != "llm_worker"])
def test_a_stream_survives(victim: str, launched: Launched, ollama: OllamaDouble, tab: Tab):
    ollama.play(SCRIPT)
    with Recorder(launched.settings) as bus:
        tab.say(f"Tell a long story, while {victim} is killed.")
        token = bus.wait(lambda heard: isinstance(heard.message, LlmToken) and TOKENS[150] in heard.message.text)

        launched.wait_ready(but=launched.kill(victim))

        expect(tab.answer()).to_have_attribute("data-state", "done")
        assert tab.answer().locator(".text").inner_text().strip() == TEXT.strip()
        assert stored_text(launched, token.message.generation) == (TEXT, "done")


def test_a_killed_worker_leaves_exactly_the_text_it_had_sent(launched: Launched, ollama: OllamaDouble, tab: Tab):
    ollama.play(unfinished(TOKENS[:250], rate=200), [Say("And again."), Done()])
    with Recorder(launched.settings) as bus:
        tab.say("Tell a long story, while you are killed.")
        token = bus.wait(
            lambda heard: isinstance(heard.message, LlmToken) and TOKENS[150] in heard.message.text
        ).message

        launched.wait_ready(but=launched.kill("llm_worker"))

        expect(tab.answer()).to_have_attribute("data-state", "interrupted")
        said = "".join(heard.message.text for heard in bus.all(LlmToken, generation=token.generation))
        assert stored_text(launched, token.generation) == (said, "interrupted")
        assert tab.answer().locator(".text").inner_text().strip() == said.strip()
        assert TEXT.startswith(said)
        expect(tab.answer().get_by_role("button", name="Continue")).to_be_visible()
        tab.answer().get_by_role("button", name="Retry").click()
        expect(tab.answer().locator(".text")).to_have_text("And again.")
        expect(tab.answer()).to_have_attribute("data-state", "done")


@pytest.mark.parametrize("victim", ["web", "store", "broker"])
def test_clicks_survive(victim: str, launched: Launched, tab: Tab):
    titles = [f"{victim} click {number}." for number in range(30)]
    for number, title in enumerate(titles):
        tab.add(title)
        if number == 10:
            killed = launched.kill(victim)
    launched.wait_ready(but=killed)

    for title in titles:
        expect(tab.todo(title)).to_have_count(1)
    tab.reload()
    tab.scroll_to_end()
    for title in titles:
        expect(tab.todo(title)).to_have_count(1)


def test_reloads_and_new_tabs_at_any_moment_show_the_same_text(launched: Launched, ollama: OllamaDouble, tab: Tab):
    """The model stops behind each fifth of the text until both tabs have been reloaded: all happens in mid-stream."""
    rounds = [threading.Event() for _ in range(5)]
    fifths = [TOKENS[start : start + 80] for start in range(0, 400, 80)]
    ollama.play(
        [step for part, go in zip(fifths, rounds, strict=True) for step in (*spoken(part), Wait(go))] + [Done()]
    )
    chance = random.Random(7)
    tab.say("Tell a long story, while I look away.")
    expect(tab.answer()).to_have_attribute("data-state", "streaming")
    other = tab.second()
    for go in rounds:
        for one in (tab, other):
            before = one.answer().locator(".text").inner_text().strip()
            one.page.reload()
            one.page.wait_for_function(SHOWN_AGAIN, arg=len(before))
            assert TEXT.startswith(one.answer().locator(".text").inner_text().strip())
            one.page.wait_for_timeout(chance.uniform(0, 100))  # a random moment is the point of this test
        go.set()
    for one in (tab, other):
        expect(one.answer()).to_have_attribute("data-state", "done")
        assert one.answer().locator(".text").inner_text().strip() == TEXT.strip()


def spoken(tokens: list[str]) -> list[Say]:
    return [Say(token, rate=80) for token in tokens]


@pytest.mark.parametrize("victim", EVERYTHING)
def test_orders_survive(victim: str, launched: Launched):
    titles = [f"{victim} {number}" for number in range(300)]

    async def insert(bus: Bus, title: str) -> None:
        order = StoreOrder(verb="insert", table="todo", values={"title": title})
        assert (await bus.ask(order, "todo", seconds=60)).message.ok

    async def work() -> list[str]:
        async with visitor(launched) as bus:
            waiting, done = iter(titles), 0

            async def client() -> None:
                nonlocal done
                for title in waiting:
                    await insert(bus, title)
                    done += 1
                    if done == 100:
                        killed.update(await asyncio.to_thread(launched.kill, victim))

            killed: dict[str, str] = {}
            await asyncio.gather(*(client() for _ in range(8)))
            await asyncio.to_thread(launched.wait_ready, killed)
            order = StoreOrder(verb="list", table="todo", limit=300, sort="-id")
            return [row["title"] for row in (await bus.ask(order, "todo")).message.rows]

    assert sorted(run_apart(work())) == sorted(titles)


def test_an_ordinary_shutdown_during_a_stream_stores_the_text_so_far(chromium: Chromium):
    with OllamaDouble() as ollama, Launched(ollama.url) as launched, chromium.visit(launched) as tab:
        ollama.play(unfinished(TOKENS[:250], rate=200))
        tab.tolerates_lost_connection = True
        with Recorder(launched.settings) as bus:
            tab.say("Talk until we close.")
            bus.wait(lambda heard: isinstance(heard.message, LlmToken) and TOKENS[100] in heard.message.text)
        launched.end()
        with closing(sqlite3.connect(f"file:{launched.settings.database}?mode=ro", uri=True)) as database:
            (state, text), *others = database.execute("select state, text from message where role = 'assistant'")

    assert (state, others) == ("interrupted", [])
    assert TEXT.startswith(text)
    assert text.startswith("".join(TOKENS[:100]))
