"""Workflows in a real browser with all processes: the weekly review, and what people do wrong with it."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.support.assistant_page import TEXT_MODEL, add, change
from tests.support.axe import violations
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.ollama_double import OllamaDouble, Say, Wait, speech
from tests.support.system import System

DRAFT = "A good week. The hammers are voiced, and the first concert is booked."


@pytest.fixture(scope="module")
def double() -> Iterator[OllamaDouble]:
    with OllamaDouble(TEXT_MODEL) as made:
        yield made


@pytest.fixture(scope="module")
def running(double: OllamaDouble, chromium: Chromium) -> Iterator[System]:
    with System({"OLLAMA_HOST": double.url}) as system:
        system.start(*EVERYTHING)
        with chromium.visit(system) as tab:
            tab.page.get_by_role("radio", name="Quiet").check()
            add(tab, "Voice the hammers", "Book the hall", "Tune the bass", "Dust the lid")
            for title in ("Voice the hammers", "Book the hall"):
                tab.todo(title).get_by_role("checkbox").check()
        yield system


@pytest.fixture
def tab(running: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab with the app workflows."""
    with chromium.visit(running, bypass_csp=True, reduced_motion="reduce") as tab:
        tab.page.goto(f"{tab.base}/apps/workflows")
        tab.connected()
        yield tab


def begin(tab: Tab) -> str:
    """Begin a weekly review; return its key."""
    tab.page.get_by_role("button", name="Begin Weekly review").click()
    expect(step(tab, "done")).to_have_attribute("data-state", "current")
    return tab.page.url.rpartition("run=")[2]


def step(tab: Tab, name: str) -> Locator:
    return tab.page.locator(f"#run-steps > li[data-step={name}]")


def next_step(tab: Tab, name: str) -> None:
    """Press Next, and wait for the step of this name."""
    tab.page.locator("#run-next").click()
    expect(step(tab, name)).to_have_attribute("data-state", "current")


def to_summary(tab: Tab, well: str = "The hammers sing.") -> str:
    """Begin a run and go to its third step; return its key."""
    key = begin(tab)
    next_step(tab, "look_back")
    tab.page.get_by_label("What went well").fill(well)
    next_step(tab, "summary")
    return key


def row(system: System, key: str) -> dict[str, Any]:
    found: dict[str, Any] = change(system, verb="get", table="workflow_run", id=key)[0]
    return found


def told(tab: Tab) -> Locator:
    """Return what the page says to the user."""
    return tab.page.locator("#notices")


# --- from begin to report ---


def test_a_weekly_review_from_begin_to_report(tab: Tab, running: System, double: OllamaDouble):
    page = tab.page
    key = begin(tab)
    boxes = step(tab, "done").get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    step(tab, "done").get_by_label("Book the hall").uncheck()
    next_step(tab, "look_back")
    page.get_by_label("What went well").fill("The hammers sing.")
    next_step(tab, "summary")

    double.play(speech(DRAFT))
    page.locator("#run-draft").click()
    text = step(tab, "summary").get_by_label("Text")
    expect(text).to_have_value(DRAFT)
    asked = tab.messages("user").last.locator(".text")
    expect(asked).to_contain_text("- Voice the hammers")
    expect(asked).to_contain_text("What went well: The hammers sing.")
    expect(tab.answer().locator(".text")).to_have_text(DRAFT)
    text.fill(f"{DRAFT} It was mine, too.")
    next_step(tab, "next")

    step(tab, "next").get_by_label("Dust the lid").check()
    page.get_by_label("New ones").fill("- Print the programme\n\nInvite Ada")
    page.locator("#run-next").click()
    expect(step(tab, "report")).to_have_attribute("data-state", "current")
    document = page.locator("#run-document")
    for words in ("Weekly review", "It was mine, too.", "Voice the hammers", "Dust the lid", "Invite Ada"):
        expect(document).to_contain_text(words)
    expect(document).not_to_contain_text("Book the hall")
    with page.expect_download() as download:
        page.locator("#run-download").click()
    saved = download.value.path().read_text()
    assert download.value.suggested_filename == f"{key}.md"
    assert saved.startswith("# Weekly review, ")
    assert "- Dust the lid\n- Print the programme\n- Invite Ada" in saved
    page.get_by_role("button", name="Finish, and lock the run").click()
    expect(page.get_by_text("This run is finalised")).to_be_visible()

    todos = change(running, verb="list", table="todo", where={"done": False})
    assert [one["title"] for one in todos][0] == "Dust the lid"
    assert {"Print the programme", "Invite Ada"} <= {one["title"] for one in todos}
    assert row(running, key)["data"]["report"]["text"] == saved
    page.get_by_role("link", name="All workflows").click()
    expect(page.locator(f"#run-{key}")).to_contain_text("finalised")
