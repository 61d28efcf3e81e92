"""Jobs by words, without a model: the rehearsal player starts one, tells how far it is, ends it; its card is undone."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.support.assistant_page import cards, open_at, quieten
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.command import pianola
from tests.support.system import System


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as system:
        system.start(*EVERYTHING, "jobs")
        quieten(system)
        yield system


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab that shows the simulator, with a new conversation."""
    open_at(system, "simulator")
    with chromium.visit(system, reduced_motion="reduce") as tab:
        tab.is_at("/apps/simulator")
        yield tab


def test_a_job_is_started_told_and_ended_by_words_and_its_card_follows(tab: Tab) -> None:
    tab.say("simulate 900 chunks slow")
    expect(cards(tab).locator(".text")).to_have_text("Started “Simulate: slow”.")
    job = tab.page.locator(".job").first
    expect(job).to_have_attribute("data-state", "running")
    expect(job).to_contain_text("of 900")

    tab.say("how far is it?")
    expect(tab.messages("assistant").last.locator(".text")).to_contain_text("“Simulate: slow” is running")

    tab.say("pause it")
    expect(job).to_have_attribute("data-state", "paused")
    tab.say("go on with the simulation")
    expect(job).to_have_attribute("data-state", "running")

    tab.say("stop the simulation")
    expect(job).to_have_attribute("data-state", "cancelled")
    expect(cards(tab, "undone")).to_contain_text("Started “Simulate: slow”.")
    expect(cards(tab, "applied").locator(".text").last).to_have_text("Cancelled “Simulate: slow”.")


def test_with_two_jobs_it_asks_which_one_and_a_number_that_cannot_be_starts_nothing(tab: Tab) -> None:
    for scenario in ("slow", "endless"):
        tab.say(f"simulate 900 chunks {scenario}")
        expect(cards(tab, "applied").locator(".text").last).to_have_text(f"Started “Simulate: {scenario}”.")

    tab.say("cancel it")
    expect(tab.messages("assistant").last.locator(".text")).to_contain_text("Which one? To cancel, there are:")
    tab.say("the endless one")
    expect(cards(tab, "applied").locator(".text").last).to_have_text("Cancelled “Simulate: endless”.")
    tab.say("cancel it")
    expect(cards(tab, "applied").locator(".text").last).to_have_text("Cancelled “Simulate: slow”.")

    tab.say("simulate 0 chunks fast")
    expect(tab.messages("assistant").last.locator(".text")).to_contain_text("from 1 to 100,000. I start nothing.")


def test_undo_on_the_card_cancels_the_job_and_says_what_stays(tab: Tab) -> None:
    tab.say("simulate 900 chunks slow")
    card = cards(tab, "applied").last
    expect(card).to_contain_text("Started “Simulate: slow”.")
    expect(tab.page.locator(".job").first).to_have_attribute("data-state", "running")

    card.get_by_role("button", name="Undo").click()

    expect(tab.page.locator(".job").first).to_have_attribute("data-state", "cancelled")
    expect(
        tab.page.get_by_text("was cancelled. What it wrote outside of Pianola, and its files, stay.")
    ).to_be_visible()
    expect(cards(tab, "undone").last).to_contain_text("Undone.")


def test_the_rehearsal_player_starts_no_job_of_an_app_that_is_not_open(tab: Tab) -> None:
    tab.page.goto(f"{tab.base}/apps/todo")
    tab.connected()

    tab.say("simulate 5 chunks fast")

    expect(tab.messages("assistant").last.locator(".text")).to_contain_text("no rule")
    expect(tab.page.locator(".job")).to_have_count(0)


def test_ask_prints_the_card_of_a_job(system: System, tab: Tab) -> None:
    asked = pianola(system, "ask", "simulate 3 chunks fast")

    assert asked.returncode == 0, asked.stderr
    assert "Started “Simulate: fast”." in asked.stdout
    assert json.dumps("operation") not in asked.stdout
