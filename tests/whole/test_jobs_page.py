"""Jobs in a browser: run one, watch it in two tabs, pause, cancel, fail and retry; reloads and kills on the way."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.support.assistant_page import open_at, quieten
from tests.support.axe import violations
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.system import System

FORM = "#run-simulator-simulate"


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as system:
        system.start(*EVERYTHING, "jobs")
        quieten(system)
        yield system


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab that shows the simulator."""
    open_at(system, "simulator")
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce") as tab:
        tab.is_at("/apps/simulator")
        yield tab


def show(tab: Tab, app: str) -> None:
    """Open an app."""
    tab.page.goto(f"{tab.base}/apps/{app}")
    tab.connected()


def simulate(tab: Tab, scenario: str, chunks: int) -> Locator:
    """Run the simulated job; return its card, the newest one."""
    before = tab.page.locator(".job").count()
    tab.page.locator(f"{FORM}-scenario").select_option(scenario)
    tab.page.locator(f"{FORM}-chunks").fill(str(chunks))
    tab.page.locator(f"{FORM}-run").click()
    expect(tab.page.locator(".job")).to_have_count(before + 1)
    return tab.page.locator(f"#{tab.page.locator('.job').first.get_attribute('id')}")


def same(card: Locator, other: Tab) -> Locator:
    """Return the card of the same job in another tab."""
    return other.page.locator(f"#{card.get_attribute('id')}")


def is_in(card: Locator, state: str) -> None:
    """Wait for a state."""
    expect(card).to_have_attribute("data-state", state)


def press(card: Locator, label: str) -> None:
    """Press a button of a job."""
    card.get_by_role("button", name=re.compile(f"^{label}")).click()


def done(card: Locator) -> int:
    """Return how much the bar shows."""
    return int(float(card.locator("progress").get_attribute("value") or 0))


def reaches(card: Locator, chunk: int) -> None:
    """Wait until the bar shows at least so many chunks."""
    card.page.wait_for_function(
        "([id, least]) => document.querySelector(`#${id} progress`)?.value >= least",
        arg=[card.get_attribute("id"), chunk],
    )


def test_a_job_is_run_seen_in_two_tabs_paused_continued_and_cancelled(tab: Tab) -> None:
    other = tab.second()
    show(other, "jobs")
    tab.page.bring_to_front()

    card = simulate(tab, "slow", 200)
    beside = same(card, other)
    reaches(card, 1)
    reaches(beside, done(card))
    expect(beside.locator(".job-words")).to_contain_text("of 200 · ")

    tab.reload()
    is_in(card, "running")
    assert done(card) >= 1
    expect(card.locator(".job-words")).to_contain_text("left")

    press(card, "Pause")
    is_in(card, "paused")
    is_in(beside, "paused")
    stopped = done(card)
    press(beside, "Go on")
    is_in(card, "running")
    reaches(card, stopped + 1)

    press(card, "Cancel")
    is_in(beside, "cancelled")
    is_in(card, "cancelled")
    expect(tab.page.locator(".notice")).to_have_count(0)
    press(card, "Delete")
    expect(card).to_have_count(0)
    expect(beside).to_have_count(0)


def test_a_failed_job_says_why_is_told_in_every_app_and_goes_on(tab: Tab) -> None:
    other = tab.second()
    show(other, "todo")
    tab.page.bring_to_front()

    card = simulate(tab, "failing", 6)

    is_in(card, "failed")
    expect(card.locator(".problem")).to_contain_text("chunk 4 fails, as the scenario wants")
    assert done(card) == 3
    told = other.page.locator("a.notice")
    expect(told).to_have_text("“Simulate: failing” has failed.")
    told.click()
    expect(same(card, other)).to_be_visible()
    expect(told).to_have_count(0)
    other.is_at(f"/apps/jobs?job={card.get_attribute('data-id')}")

    press(card, "Log")
    expect(tab.page.locator("dialog[open]")).to_contain_text("chunk 4 begins")
    tab.page.keyboard.press("Escape")
    press(card, "Retry")
    is_in(card, "done")
    is_in(same(card, other), "done")
    expect(card.locator(".job-result dd").last).to_have_text("6")


def test_a_double_click_runs_one_job_and_what_is_typed_stays(tab: Tab) -> None:
    before = tab.page.locator(".job").count()
    tab.page.locator(f"{FORM}-scenario").select_option("fast")
    tab.page.locator(f"{FORM}-chunks").fill("7")

    tab.page.locator(f"{FORM}-run").hover()
    for click in (1, 2):  # the second one comes when the first is answered, as with a slow hand
        tab.page.mouse.down(click_count=click)
        tab.page.mouse.up(click_count=click)
        expect(tab.page.locator(".job")).to_have_count(before + 1)

    expect(tab.page.locator(".job").first).to_have_attribute("data-state", "done")
    expect(tab.page.locator(".job")).to_have_count(before + 1)
    expect(tab.page.locator(f"{FORM}-chunks")).to_have_value("7")
    expect(tab.page.locator(f"{FORM}-scenario")).to_have_value("fast")


def test_a_blocked_job_hurts_only_itself_and_the_filters_find_each(tab: Tab) -> None:
    blocking = simulate(tab, "blocking", 50)
    endless = simulate(tab, "endless", 1)
    is_in(blocking, "running")
    is_in(endless, "running")
    expect(endless.locator("progress")).not_to_have_attribute("value", re.compile(".*"))
    assert violations(tab) == []

    show(tab, "jobs")
    tab.page.locator("#job-filter-running").click()
    expect(tab.page.locator(".job")).to_have_count(2)
    assert violations(tab) == []
    press(endless, "Cancel")
    press(blocking, "Cancel")
    expect(tab.page.locator(".job")).to_have_count(0)
    expect(tab.page.get_by_text("No job matches.")).to_be_visible()
    tab.page.locator("#job-filter-cancelled").click()
    expect(endless).to_be_visible()
    tab.page.go_back()
    expect(tab.page.get_by_text("No job matches.")).to_be_visible()


def test_a_killed_web_process_loses_nothing(system: System, tab: Tab) -> None:
    tab.tolerates_lost_connection = True
    card = simulate(tab, "slow", 100)
    reaches(card, 1)

    system.kill("web")
    system.start("web")

    tab.connected()
    is_in(card, "running")
    reaches(card, 3)
    press(card, "Cancel")
    is_in(card, "cancelled")


def test_a_killed_process_of_jobs_goes_on_where_it_was(system: System, tab: Tab) -> None:
    card = simulate(tab, "slow", 100)
    reaches(card, 2)

    system.kill("jobs")
    system.start("jobs")

    is_in(card, "running")
    reaches(card, 4)
    expect(card.locator(".job-words")).to_contain_text("of 100 · ")
    press(card, "Cancel")
    is_in(card, "cancelled")
