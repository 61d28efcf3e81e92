"""Reminders in a browser: first at the opening, in every tab, as a notification of a hidden one; done or put off."""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from bus.bus import new_id
from bus.messages import StoreOrder
from bus.store_client import ask_store
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.system import System

LINES = "#reminders li"
HIDDEN = """
Object.defineProperty(document, "hidden", { get: () => true });
globalThis.shown = [];
globalThis.Notification = class extends EventTarget {
  static permission = "granted";
  constructor(title, options) { super(); shown.push([title, options.body, options.tag]); }
};
localStorage.setItem("pianola-notify", "yes");
"""
"""Makes a tab believe that it is hidden, and keeps its notifications."""


@pytest.fixture
def system() -> Iterator[System]:
    with System() as system:
        system.start("broker", "store")
        yield system


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab that is opened after two todos became due while nothing ran."""
    add(system, "call the bank", hours=2)
    add(system, "water the plants", hours=1)
    system.start("web")
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce") as tab:
        yield tab


def add(system: System, title: str, hours: float = 0, **values: object) -> None:
    """Add a todo that became due some hours ago."""
    due = datetime.now() - timedelta(hours=hours)
    values = {"title": title, "due": f"{due:%Y-%m-%dT%H:%M}", **values}

    async def work(guest) -> None:
        await ask_store(guest.bus, StoreOrder(verb="insert", table="todo", values=values), id=new_id())

    system.visit(work)


def remind(system: System, title: str) -> None:
    """Make the reminder of a todo, as if its minute had come."""

    async def work(guest) -> None:
        (row,) = (await ask_store(guest.bus, StoreOrder(verb="list", table="todo", where={"title": title}))).rows
        values = {"subject": "todo", "row": row["id"], "due": row["due"], "profile": 1}
        await ask_store(guest.bus, StoreOrder(verb="insert", table="reminder", values=values), id=new_id())

    system.visit(work)


def line(tab: Tab, title: str) -> Locator:
    return tab.page.locator(LINES, has_text=title)


def test_what_could_not_be_told_stands_first_at_the_opening_and_is_done_in_every_tab(tab, chromium):
    expect(tab.page.locator(LINES)).to_have_count(2)
    assert violations(tab) == []
    with chromium.visit(tab.system) as other:
        expect(other.page.locator(LINES)).to_have_count(2)

        tab.page.get_by_role("button", name="Done: call the bank").click()
        expect(line(tab, "call the bank")).to_have_count(0)
        expect(line(other, "call the bank")).to_have_count(0)

        other.page.get_by_role("button", name="Dismiss: water the plants").click()
        expect(tab.page.locator("#reminders")).to_have_count(0)

    tab.page.reload()
    tab.connected()
    expect(tab.page.locator("#reminders")).to_have_count(0)


def test_it_is_put_off_from_the_reminder(tab):
    tab.page.get_by_role("button", name="Snooze: call the bank").click()
    tab.page.get_by_role("dialog", name="Snooze").get_by_role("button", name="Next week").click()

    expect(line(tab, "call the bank")).to_have_count(0)
    expect(line(tab, "water the plants")).to_be_visible()


def test_a_restart_of_web_tells_nothing_twice(tab):
    expect(tab.page.locator(LINES)).to_have_count(2)
    tab.page.get_by_role("button", name="Dismiss: water the plants").click()
    expect(tab.page.locator(LINES)).to_have_count(1)

    tab.page.goto("about:blank")
    tab.system.kill("web")
    tab.system.start("web")
    tab.page.goto(f"{tab.base}/apps/todo")
    tab.connected()

    expect(tab.page.locator(LINES)).to_have_count(1)


def test_a_hidden_tab_shows_one_notification(tab):
    tab.page.add_init_script(HIDDEN)
    tab.page.reload()
    tab.connected()
    expect(tab.page.locator(LINES)).to_have_count(2)

    add(tab.system, "take a break", hours=-1)
    remind(tab.system, "take a break")

    expect(line(tab, "take a break")).to_be_visible()
    tab.page.wait_for_function("shown.length > 0")
    assert tab.page.evaluate("shown") == [["Due now", "take a break", "pianola-reminder-3"]]


def test_lines_fit_on_a_narrow_page(tab):
    tab.page.set_viewport_size({"width": 320, "height": 640})

    expect(tab.page.get_by_role("button", name="Snooze: call the bank")).to_be_in_viewport()
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_calendar_program_gets_an_address_by_the_keyboard(system: System, tab: Tab):
    page = tab.page
    page.locator("#actions-menu summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="In your calendar program").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="In your calendar program")
    expect(dialog).to_contain_text("No calendar program has an address")
    dialog.get_by_role("button", name="Make an address").focus()
    page.keyboard.press("Enter")
    field = dialog.get_by_label("New address")
    expect(field).to_have_value(re.compile(rf"http://127\.0\.0\.1:{system.port}/calendar\.ics\?key=pianola_.+"))
    address = field.input_value()
    link = dialog.get_by_role("link", name="Open the calendar program")
    expect(link).to_have_attribute("href", address.replace("http:", "webcal:"))
    expect(dialog.get_by_role("button", name="Copy")).to_have_attribute("data-copy", address)
    assert violations(tab) == []
    with urllib.request.urlopen(address) as file:
        assert "SUMMARY:water the plants" in file.read().decode()

    dialog.get_by_role("button", name="Revoke calendar").click()
    expect(field).to_have_count(0)
    expect(dialog).to_contain_text("No calendar program has an address")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(address)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
