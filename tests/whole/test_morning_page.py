"""The morning page in a browser: made by its schedule, opened first once a day, live, and tidied by cards."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from bus.messages import StoreOrder
from bus.store_client import ask_store
from tests.support.assistant_page import TEXT_MODEL, change, quieten
from tests.support.axe import violations
from tests.support.browser import WITH_JOBS, Chromium, Tab
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import Guest, System

LINES = "Call the bank first.\n- The rest can wait.\n3. Have a good day."


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble(TEXT_MODEL) as double:
        yield double


@pytest.fixture(scope="module")
def system(ollama: OllamaDouble) -> Iterator[System]:
    with System({"OLLAMA_HOST": ollama.url}) as made:
        made.start(*WITH_JOBS)
        quieten(made)
        yield made


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab that shows the morning page of an empty day."""
    for table in ("todo", "schedule", "reminder"):
        change(system, verb="delete", table=table, where={"profile": 1})
    for key, value in {"morning": "", "morning_seen": "", "app": "todo"}.items():
        change(system, verb="update", table="setting", id=key, values={"value": value})
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce") as tab:
        tab.page.goto(f"{tab.base}/apps/morning")
        tab.connected()
        yield tab


def day(days: int, clock: str = "") -> str:
    return (date.today() + timedelta(days=days)).isoformat() + (f"T{clock}" if clock else "")


def add(tab: Tab, title: str, **values: Any) -> int:
    return int(change(tab.system, verb="insert", table="todo", values={"title": title, **values})[0]["id"])


def todos(tab: Tab) -> dict[str, Any]:
    return {row["title"]: row["due"] for row in change(tab.system, verb="list", table="todo")}


def section(tab: Tab, name: str) -> Locator:
    return tab.page.locator(f"#morning-{name}")


def switch_on(tab: Tab, hour: str = "00:00") -> None:
    tab.page.locator("#morning-hour").fill(hour)
    tab.page.locator("#morning-save").click()
    expect(tab.page.get_by_text(f"This page is ready at {hour} each day")).to_be_visible()


def until_noted(tab: Tab) -> None:
    """Wait until it is stored that the page was opened today."""

    async def work(guest: Guest) -> None:
        order = StoreOrder(verb="list", table="setting", where={"id": "morning_seen"})
        while (await ask_store(guest.bus, order)).rows[0]["value"] != day(0):
            await guest.until(lambda heard: heard.message.kind == "store.changed")

    tab.system.visit(work)


def let_the_hour_come(tab: Tab) -> None:
    """Move the schedule of the page back, as if its next morning had come."""
    (row,) = change(tab.system, verb="list", table="schedule", where={"title": "Morning page"})
    values = {"next": row["next"] - 86_400}
    change(tab.system, verb="update", table="schedule", id=row["id"], values=values, actor="system")


def test_what_is_due_is_ticked_here_and_there_and_leads_to_its_app(tab: Tab, chromium: Chromium) -> None:
    add(tab, "call the bank", due=day(-1))
    add(tab, "water the plants", due=day(0))
    add(tab, "pack", due=day(2))

    expect(section(tab, "overdue")).to_contain_text("call the bank")
    expect(section(tab, "today")).to_contain_text("water the plants")
    expect(section(tab, "coming")).to_contain_text("pack")
    assert violations(tab) == []

    with chromium.visit(tab.system) as other:
        other.page.goto(f"{other.base}/apps/todo")
        other.connected()
        tab.page.get_by_role("checkbox", name="Done: water the plants").check()
        expect(section(tab, "today")).to_have_count(0)
        expect(other.todo("water the plants").get_by_role("checkbox")).to_be_checked()

    section(tab, "coming").get_by_role("button", name="pack").first.click()
    expect(tab.todo("pack")).to_be_visible()


def test_its_schedule_makes_it_ready_with_three_lines_before_it_is_opened(tab: Tab, ollama: OllamaDouble) -> None:
    add(tab, "call the bank", due=day(-1))
    switch_on(tab)
    ollama.play(speech(LINES))

    let_the_hour_come(tab)

    lines = tab.page.locator("#morning-lines > p")
    expect(lines).to_have_text(["Call the bank first.", "The rest can wait.", "Have a good day."])
    told = ollama.chats[-1].body["messages"][-1]["content"]
    assert '- "call the bank" of todo, due yesterday' in told


def test_it_opens_first_once_a_day(tab: Tab) -> None:
    switch_on(tab)
    at_todo = re.compile(r"/apps/todo")
    tab.page.goto(f"{tab.base}/apps/todo")
    tab.connected()
    expect(tab.page).to_have_url(at_todo)

    tab.page.goto(f"{tab.base}/")
    tab.connected()
    expect(tab.page).to_have_url(re.compile(r"/apps/morning"))
    until_noted(tab)
    tab.page.goto(f"{tab.base}/apps/todo")
    tab.connected()
    tab.page.goto(f"{tab.base}/")
    expect(tab.page).to_have_url(at_todo)

    change(tab.system, verb="update", table="setting", id="morning_seen", values={"value": day(-1)})
    tab.page.goto(f"{tab.base}/")
    expect(tab.page).to_have_url(re.compile(r"/apps/morning"))


def test_it_is_switched_off_and_undone(tab: Tab) -> None:
    switch_on(tab, "06:30")
    tab.page.locator("#morning-off").click()
    expect(tab.page.locator("#morning-off")).to_have_count(0)
    assert change(tab.system, verb="list", table="schedule")[0]["state"] == "off"

    tab.page.goto(f"{tab.base}/")
    tab.connected()
    assert change(tab.system, verb="list", table="setting", where={"id": "morning"})[0]["value"] == ""


def test_cards_show_exactly_what_would_change_and_do_it(tab: Tab) -> None:
    add(tab, "call the bank", due=day(-2, "09:00"))
    add(tab, "write a letter", due=day(-1))
    card = tab.page.get_by_role("article", name="Move 2 todos to today")
    expect(card.get_by_role("listitem")).to_have_count(2)

    card.get_by_role("button", name="Move 2 todos to today").click()

    expect(card).to_have_count(0)
    assert todos(tab) == {"call the bank": day(0, "09:00"), "write a letter": day(0)}
    tab.page.get_by_role("button", name="Undo").first.click()
    expect(card).to_be_visible()
    card.get_by_label("Another day", exact=True).fill(day(3))
    card.get_by_role("button", name="To this day").click()
    expect(card).to_have_count(0)
    assert todos(tab) == {"call the bank": day(3, "09:00"), "write a letter": day(3)}


def test_a_card_that_was_seen_before_a_change_does_nothing(tab: Tab) -> None:
    one = add(tab, "call the bank", due=day(-2))
    card = tab.page.get_by_role("article", name="Move 1 todo to today")
    expect(card).to_be_visible()
    old = card.get_by_role("button", name="Move 1 todo to today")
    values = old.get_attribute("hx-vals")
    change(tab.system, verb="update", table="todo", id=one, values={"due": day(-3)})
    expect(card).to_contain_text(re.compile(str((datetime.now() - timedelta(days=3)).day)))

    old.evaluate("(button, values) => button.setAttribute('hx-vals', values)", values)
    old.click()

    expect(tab.page.get_by_text("Something of this has changed meanwhile")).to_be_visible()
    assert todos(tab) == {"call the bank": day(-3)}


def test_without_a_model_it_is_there_without_the_three_lines(chromium: Chromium) -> None:
    with System() as system:
        system.start(*WITH_JOBS)
        with chromium.visit(system) as tab:
            add(tab, "call the bank", due=day(-1))
            tab.page.goto(f"{tab.base}/apps/morning")
            tab.connected()
            tab.page.locator("#morning-write").click()

            expect(section(tab, "overdue")).to_contain_text("call the bank")
            expect(tab.page.locator("#morning-write")).to_be_visible()
            expect(tab.page.get_by_text("There is no model that could write three lines")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_on_a_narrow_page(tab: Tab, scheme: Any) -> None:
    add(tab, "call the bank about the very long standing order of the flat " * 3, due=day(-2, "09:00"))
    tab.page.emulate_media(color_scheme=scheme)
    tab.page.set_viewport_size({"width": 320, "height": 640})

    expect(section(tab, "overdue")).to_be_visible()
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(tab) == []
