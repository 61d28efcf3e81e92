"""Words are read, and values are shown on cards, in journal and history, as for their reader: a German in Tokyo."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from apps.tables import Row
from bus.messages import StoreOrder
from bus.store_client import ask_store
from tests.support.browser import Chromium, Tab
from tests.support.system import Guest, System

TRIPS: Row = {
    "name": "trips",
    "label": "Trips",
    "tables": [
        {
            "name": "trip",
            "label": "a trip",
            "fields": [
                {"label": "Name", "required": True},
                {"label": "Meets", "type": "moment"},
                {"label": "Price", "type": "money"},
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System({"TZ": "Europe/London"}) as made:
        made.start("broker", "store", "llm_worker", "agent", "web")
        yield made


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    with chromium.visit(system, locale="de-DE", timezone_id="Asia/Tokyo") as tab:
        yield tab


def order(system: System, *orders: StoreOrder) -> None:
    async def send(guest: Guest) -> None:
        for one in orders:
            await ask_store(guest.bus, one)

    system.visit(send)


def card(tab: Tab, state: str) -> Locator:
    return tab.page.locator(f"#chat-log article[data-role=action][data-state={state}]").last


def test_values_that_came_of_words_stand_in_the_language_and_zone_of_the_reader(system: System, tab: Tab) -> None:
    page = tab.page
    order(system, StoreOrder(verb="insert", table="app", values={"declaration": TRIPS}))
    expect(page.locator("#app-menu")).to_contain_text("Trips")  # the page server has it now
    page.goto(f"{tab.base}/apps/trips")
    tab.connected()
    tab.say("add Zoo, meets 2026-12-03 14:00, price 1234.50 EUR")

    done = card(tab, "applied")
    expect(done.locator(".text")).to_have_text("Added “Zoo” to trip.")
    expect(done.locator("dl.differences > div")).to_have_text(["Meets3. Dez. 2026, 14:00", "Price1.234,50 €"])
    tab.reload()
    expect(done.locator("dl.differences > div")).to_have_text(["Meets3. Dez. 2026, 14:00", "Price1.234,50 €"])

    tab.say("delete Zoo")
    expect(card(tab, "proposed").locator(".would dl")).to_contain_text("1.234,50 €")
    expect(card(tab, "proposed").locator(".would dl")).to_contain_text("3. Dez. 2026, 14:00")
    card(tab, "proposed").get_by_role("button", name="Don’t").click()

    order(system, StoreOrder(verb="update", table="trip", id=1, values={"price": "2000.50 EUR"}))
    page.goto(f"{tab.base}/apps/trips?row=1")
    expect(page.locator("#row-history")).to_contain_text("Price: 1.234,50 € → 2.000,50 €")
    page.goto(f"{tab.base}/apps/journal")
    expect(page.locator("#app .differences").first).to_have_text("Price1.234,50 € → 2.000,50 €")
