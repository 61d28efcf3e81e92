"""Schedules in a browser: added by words, shown with their next times, carried out, edited, switched off, undone."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, expect

from bus.bus import new_id
from bus.messages import StoreOrder
from bus.store_client import ask_store
from tests.support.axe import violations
from tests.support.browser import WITH_JOBS, Chromium, Tab
from tests.support.system import System

FORM = "#schedule-form"


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System({"TZ": "Europe/Berlin"}) as system:
        system.start(*WITH_JOBS)
        yield system


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab that shows the schedules, in Berlin."""
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce", timezone_id="Europe/Berlin") as tab:
        tab.page.get_by_role("radio", name="Quiet").check()
        tab.page.goto(f"{tab.base}/apps/schedules")
        tab.connected()
        yield tab


def add(tab: Tab, when: str, words: str, what: str = "prompt") -> Locator:
    """Add a schedule; return its card."""
    tab.page.locator("#schedule-new-when").fill(when)
    tab.page.locator("#schedule-new-what").select_option(what)
    tab.page.locator("#schedule-new-text").fill(words)
    tab.page.locator(f"{FORM} [type=submit]").click()
    return card(tab, words)


def card(tab: Tab, title: str) -> Locator:
    return tab.page.get_by_role("article", name=title, exact=True)


def press(card: Locator, label: str) -> None:
    card.get_by_role("button", name=re.compile(f"^{label}")).click()


def due_now(tab: Tab, title: str) -> None:
    """Let a schedule be due, as if its time had come."""

    async def work(guest) -> None:
        found = await ask_store(guest.bus, StoreOrder(verb="list", table="schedule", where={"title": title}))
        (row,) = found.rows
        values = {"next": row["next"] - 10 * 86_400}
        order = StoreOrder(verb="update", table="schedule", id=row["id"], values=values, actor="system")
        await ask_store(guest.bus, order, id=new_id())

    tab.system.visit(work)


def test_one_is_added_by_words_and_shows_its_next_five_times(tab):
    one = add(tab, "every Monday 9:00", "what is due this week?")

    expect(one).to_contain_text("every Monday")
    one.get_by_text("The next 5 times").click()
    times = one.get_by_role("listitem")
    expect(times).to_have_count(5)
    days = [datetime.strptime(text, "%a %d %b %Y, %H:%M") for text in times.all_inner_texts()]
    assert {(day.weekday(), day.hour) for day in days} == {(0, 9)}
    assert {later - day for day, later in pairwise(days)} == {timedelta(days=7)}
    assert violations(tab) == []


def test_what_it_asks_is_the_users_own_words_and_why_leads_back_to_the_schedule(tab):
    one = add(tab, "tomorrow 8:00", "add oat milk")
    expect(one).to_be_visible()

    due_now(tab, "add oat milk")

    expect(one).to_contain_text("Done.")
    tab.page.goto(f"{tab.base}/apps/schedules")
    expect(tab.page.locator("#chat-log")).to_contain_text("Added “oat milk” to todo.")
    question = tab.page.locator("#chat-log article[data-role=user]").last
    expect(question).to_contain_text("add oat milk")
    press(one, "Why")
    expect(tab.page.get_by_role("dialog")).to_contain_text("added the schedule “add oat milk”")


def test_one_that_adds_a_row_does_so_once_and_is_over(tab):
    one = add(tab, "tomorrow 8:00", "Water the plants", "add-todo")
    expect(one).to_be_visible()

    due_now(tab, "Water the plants")

    expect(one).to_have_attribute("data-state", "over")
    tab.page.goto(f"{tab.base}/apps/todo")
    expect(tab.page.locator("#todo-list > li", has_text="Water the plants")).to_have_count(1)


def test_switch_off_edit_delete_and_undo(tab):
    one = add(tab, "every day 7:00", "good morning")

    press(one, "Switch off")
    expect(one).to_have_attribute("data-state", "off")
    press(one, "Switch on")
    expect(one).to_have_attribute("data-state", "on")

    press(one, "Edit")
    dialog = tab.page.get_by_role("dialog", name="Edit the schedule")
    dialog.get_by_label("Words").fill("good evening")
    dialog.get_by_label("Repeat").fill("every Friday")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    two = card(tab, "good evening")
    expect(two).to_contain_text("every Friday")

    press(two, "Delete")
    expect(two).to_have_count(0)
    tab.page.get_by_role("button", name="Undo").first.click()
    expect(two).to_be_visible()


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("every second", "“every second” comes more than once a day (every second). Expected once a day at most."),
        ("yesterday 8:00", "which has passed. Expected a time that is still to come."),
        ("9999-12-31 23:59", "`time` lies in the year 9999. Expected one of the next 100 years."),
        ("when pigs fly", "“when pigs fly” is no time that is understood."),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_a_sentence_and_what_was_typed_stays(tab, when, sentence):
    tab.page.locator("#schedule-new-when").fill(when)
    tab.page.locator("#schedule-new-text").fill("oops")
    tab.page.locator(f"{FORM} [type=submit]").click()

    expect(tab.page.get_by_text(sentence)).to_be_visible()
    expect(tab.page.locator("#schedule-new-text")).to_have_value("oops")
