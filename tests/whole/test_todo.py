"""Todos with dates, repeats, tags, notes and parts: written in one line, filtered, put off, in a real browser."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from tests.support.assistant_page import change, empty, id_of
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.system import System

ZONE = "Asia/Kolkata"
"""Another one than that of the machine, so that a test sees whose clock counts."""
TITLE = "#todo-form input[name=title]"


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store", "web")
        yield made


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    empty(system)
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce", timezone_id=ZONE, locale="en-GB") as tab:
        expect(tab.page.locator("#todo-list > li")).to_have_count(0)
        yield tab


def now() -> datetime:
    return datetime.now(ZoneInfo(ZONE))


def day(ahead: int) -> str:
    return (now() + timedelta(days=ahead)).date().isoformat()


def chips(tab: Tab) -> Locator:
    return tab.page.locator("#todo-understood .chip")


def filter_named(tab: Tab, label: str) -> Locator:
    return tab.page.locator(".filters a").filter(has_text=label)


def put(tab: Tab, title: str, **values: Any) -> None:
    change(tab.system, verb="insert", table="todo", values={"title": title, **values})


def stored(tab: Tab) -> list[dict[str, Any]]:
    return change(tab.system, verb="list", table="todo")


def titled(tab: Tab, title: str) -> Locator:
    """Return the row of exactly this title: its parts name it, too."""
    return tab.page.locator("#todo-list > li").filter(has=tab.page.locator(".title").get_by_text(title, exact=True))


def titles(tab: Tab) -> list[str]:
    return tab.page.locator("#todo-list .title").all_inner_texts()


def test_a_line_shows_what_is_understood_and_becomes_a_todo(tab: Tab):
    tab.page.locator(TITLE).press_sequentially("call the bank tomorrow 9:00 #home")

    expect(chips(tab)).to_have_text(["Due tomorrow 9:00×", "Tags home×"])
    tab.page.press(TITLE, "Enter")

    row = tab.todo("call the bank")
    expect(row.locator(".title")).to_have_text("call the bank")
    expect(row.locator(".due")).to_have_text("tomorrow 9:00")
    expect(row.locator(".tag")).to_have_text("#home")
    expect(chips(tab)).to_have_count(0)
    assert stored(tab)[0]["due"] == f"{day(1)}T09:00"


def test_a_part_that_is_taken_back_stays_in_the_title(tab: Tab):
    tab.page.locator(TITLE).press_sequentially("read Tomorrow and Tomorrow tomorrow #book")
    tab.page.get_by_role("button", name="Leave “Tomorrow” in the title").click()

    expect(chips(tab)).to_have_text(["Tags book×"])
    expect(tab.page.locator(TITLE)).to_be_focused()
    tab.page.press(TITLE, "Enter")

    row = tab.todo("read")
    expect(row.locator(".title")).to_have_text("read Tomorrow and Tomorrow tomorrow")
    expect(row.locator(".due")).to_have_count(0)
    tab.add("another one tomorrow")
    expect(tab.todo("another one").locator(".due")).to_have_text("tomorrow")


def test_a_todo_without_anything_looks_as_before(tab: Tab):
    tab.add("buy milk")

    expect(tab.todo("buy milk")).to_be_visible()
    expect(tab.todo("buy milk").locator(".planned, .note, .above")).to_have_count(0)
    expect(filter_named(tab, "Today")).to_have_count(0)
    expect(filter_named(tab, "No date")).to_have_count(0)


def test_what_is_overdue_says_so_and_is_found_by_filters_that_stand_in_the_address(tab: Tab):
    put(tab, "rent", due=day(-1))
    put(tab, "late", due=f"{now() - timedelta(minutes=2):%Y-%m-%dT%H:%M}")
    put(tab, "today", due=day(0), tags=["home"])
    put(tab, "soon", due=day(4))
    put(tab, "later", due=day(40))
    put(tab, "never", tags=["home"])
    put(tab, "old", due=day(-3), done=True)

    expect(tab.todo("rent").locator(".due.overdue")).to_have_text("Overdue: yesterday")
    expect(tab.todo("late").locator(".due.overdue")).to_have_count(1)
    expect(tab.todo("old").locator(".due.overdue")).to_have_count(0)
    for label, query, found in [
        ("Overdue", "due=overdue", ["rent", "late"]),
        ("Next 7 days", "due=week", ["late", "today", "soon"]),
        ("No date", "due=none", ["never"]),
    ]:
        expect(filter_named(tab, label).locator(".count")).to_have_text(str(len(found)))
        filter_named(tab, label).click()
        expect(tab.page.locator("#todo-list .title")).to_have_text(found)
        tab.is_at(f"/apps/todo?{query}")
    filter_named(tab, "No date").click()  # again: takes it back
    expect(tab.page.locator("#todo-list > li")).to_have_count(7)
    tab.todo("today").locator(".tag").click()
    expect(tab.page.locator("#todo-list .title")).to_have_text(["today", "never"])
    tab.is_at("/apps/todo?tags=home")
    tab.page.reload()
    expect(tab.page.locator("#todo-list .title")).to_have_text(["today", "never"])


def test_on_a_phone_the_filters_stand_in_one_line_and_the_chosen_one_is_in_view(tab: Tab):
    for tag in ("home", "piano", "concert", "letters", "garden"):
        put(tab, f"about {tag}", tags=[tag])
    tab.page.set_viewport_size({"width": 360, "height": 740})
    bar, last = tab.page.locator("#todo-filters"), filter_named(tab, "#piano")

    tops = bar.locator("a").evaluate_all("all => all.map((one) => one.offsetTop)")
    assert len(tops) >= 8
    assert len(set(tops)) == 1
    last.focus()
    expect(last).to_be_in_viewport(ratio=1)
    tab.page.keyboard.press("Enter")
    expect(last).to_have_attribute("aria-current", "true")
    expect(last).to_be_in_viewport(ratio=1)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_snooze_puts_off_and_can_be_undone(tab: Tab):
    put(tab, "rent", due=f"{day(-1)}T08:30")

    tab.do_with(tab.todo("rent"), "Snooze …")
    tab.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Tomorrow")).press("Enter")
    expect(tab.todo("rent").locator(".due")).to_have_text("tomorrow 8:30")
    tab.page.locator("#undo button").click()
    expect(tab.todo("rent").locator(".due")).to_have_text("Overdue: yesterday 8:30")

    tab.do_with(tab.todo("rent"), "Snooze …")
    tab.page.get_by_label("Another day").fill(day(3))
    tab.page.get_by_role("dialog").get_by_role("button", name="Snooze", exact=True).click()
    expect(tab.todo("rent").locator(".due")).to_have_text(f"{now() + timedelta(days=3):%a} 8:30")


def test_ticking_one_that_repeats_shows_the_next_and_undo_takes_both_back(tab: Tab):
    tab.add("water the plants every day #garden")
    row = tab.todo("water the plants")
    expect(row.locator(".planned")).to_have_text("#gardenevery daytoday")

    row.get_by_role("checkbox").click()
    expect(row).to_have_count(2)
    expect(row.locator(".due")).to_have_text(["today", "tomorrow"])
    expect(row.locator(".repeat")).to_have_count(1)

    tab.page.locator("#undo button").click()
    expect(row).to_have_count(1)
    expect(row.locator(".planned")).to_have_text("#gardenevery daytoday")
    expect(row.get_by_role("checkbox")).not_to_be_checked()


def test_parts_stand_under_their_row_which_counts_them(tab: Tab):
    put(tab, "pack")
    put(tab, "last")

    for part in ("passport", "charger"):
        tab.do_with(titled(tab, "pack"), "Add a part …")
        tab.page.get_by_label("Title of the part").fill(part)
        tab.page.get_by_label("Title of the part").press("Enter")
        expect(tab.todo(part)).to_have_class("row part")

    assert titles(tab) == ["pack", "passport", "charger", "last"]
    expect(titled(tab, "pack").locator(".parts")).to_have_text("0 of 2")
    tab.todo("passport").get_by_role("checkbox").click()
    expect(titled(tab, "pack").locator(".parts")).to_have_text("1 of 2")
    filter_named(tab, "Done").click()
    expect(tab.todo("passport").locator(".above")).to_have_text("Part of pack")


def test_a_note_is_folded_and_stays_open_when_the_row_changes(tab: Tab):
    put(tab, "trip", note="# Plan\n\n- paint")
    note = tab.todo("trip").locator(".note")

    expect(note.get_by_role("listitem")).to_be_hidden()
    note.locator("summary").click()
    expect(note.get_by_role("listitem")).to_have_text("paint")
    change(tab.system, verb="update", table="todo", id=id_of(tab, "trip"), values={"title": "long trip"})

    expect(tab.todo("long trip").locator(".note").get_by_role("listitem")).to_be_visible()


def test_a_due_date_is_edited_in_words(tab: Tab):
    put(tab, "rent", due=day(0))

    tab.todo("rent").get_by_role("button", name="Edit").press("Enter")
    form = tab.todo("rent").locator("form.edit")
    form.get_by_label("Due").fill("tomorrow 17:00")
    form.get_by_label("Repeat").fill("every 2 weeks")
    form.get_by_label("Repeat").press("Enter")

    expect(tab.todo("rent").locator(".planned")).to_have_text("every 2 weekstomorrow 17:00")


def test_a_full_list_can_be_used_by_everybody(tab: Tab):
    tab.page.set_viewport_size({"width": 320, "height": 700})
    put(tab, "rent", due=day(-1), repeat="FREQ=MONTHLY", tags=["home", "money"], note="By *card*.")
    put(tab, "sign", parent=[id_of(tab, "rent")])
    tab.page.locator(TITLE).press_sequentially("call the bank tomorrow 9:00 #home")
    expect(chips(tab)).to_have_count(2)

    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(tab) == []
