"""From an empty home to an app of one's own by saying so, in a real browser, with the built-in player."""

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.system import System

ZONE = "Pacific/Kiritimati"
"""Of the reader: it is never the same day there as where the machine stands."""
WISH = "make me an app for my plants: name, room, water every so many days"


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System({"TZ": "Pacific/Pago_Pago"}) as made:
        made.start("broker", "store", "llm_worker", "agent", "web")
        yield made


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce", timezone_id=ZONE) as tab:
        yield tab


def card(tab: Tab, state: str) -> Locator:
    return tab.page.locator(f"#chat-log article[data-role=action][data-state={state}]").last


def test_a_sentence_becomes_an_app_with_rows_in_every_tab_and_is_taken_back(tab: Tab) -> None:
    page, other = tab.page, tab.second()
    tab.say(WISH)

    proposed = card(tab, "proposed")
    expect(proposed.locator(".text")).to_have_text("Make the app “My plants”?")
    expect(proposed.locator("dl > div")).to_have_text(["Nametext", "Roomtext", "Water everywhole number, days"])
    expect(proposed.locator("tbody tr")).to_have_count(3)
    assert violations(tab) == []
    proposed.get_by_role("button", name="Do it").click()

    expect(card(tab, "applied").locator(".text")).to_have_text("Made the app “My plants”.")
    for one in (page, other.page):
        one.locator("#app-menu > summary").click()
        expect(one.locator("#app-my-plants")).to_contain_text("My plants")
        one.keyboard.press("Escape")
    card(tab, "applied").get_by_role("link", name="Open the app").click()
    expect(page.locator("#app-title")).to_have_text("My plants")
    expect(page.locator("#plant-list > li")).to_have_count(3)

    tab.say("add Monstera with room kitchen and water every 5")
    monstera = page.locator("#plant-list > li").filter(has_text="Monstera")
    expect(monstera).to_contain_text("kitchen")
    expect(monstera).to_contain_text("5 days")

    tab.say("add a field for the last repotting")
    expect(card(tab, "proposed")).to_contain_text("Add “Last repotting” (day).")
    card(tab, "proposed").get_by_role("button", name="Do it").click()
    expect(page.locator("#plant-form [name=last_repotting]")).to_be_visible()

    tab.say("add Ficus with last repotting today")
    expect(page.locator("#plant-list > li").filter(has_text="Ficus")).to_be_visible()
    tab.say("show it as a calendar")
    expect(page.locator(f"#day-{datetime.now(ZoneInfo(ZONE)).date()} .title")).to_have_text("Ficus")
    tab.answered()
    page.locator("#view-list").click()

    tab.say("remove the field room")
    expect(card(tab, "proposed")).to_contain_text("Remove “Room”.")
    card(tab, "proposed").get_by_role("button", name="Do it").click()
    expect(page.locator("#plant-form [name=room]")).to_have_count(0)
    expect(monstera).not_to_contain_text("kitchen")
    card(tab, "applied").get_by_role("button", name="Undo").click()
    expect(page.locator("#plant-form [name=room]")).to_be_visible()
    expect(monstera).to_contain_text("kitchen")


def test_a_proposal_is_changed_in_the_form_before_it_is_made(tab: Tab) -> None:
    page = tab.page
    tab.say("make me an app for my wines: name, year, price in euro")
    proposed = card(tab, "proposed")
    proposed.get_by_role("button", name="Change…").click()

    form = page.locator("#own-app-form")
    expect(form.get_by_label("Name of the app")).to_have_value("My wines")
    expect(form.get_by_label("Name of field 2")).to_have_value("Year")
    form.get_by_label("Name of the app").fill("Cellar")
    form.get_by_label("Name of field 4").fill("Shelf")
    form.get_by_role("button", name="Make the app").click()

    expect(form).to_have_count(0)
    expect(card(tab, "applied").locator(".text")).to_have_text("Made the app “Cellar”.")
    card(tab, "applied").get_by_role("link", name="Open the app").click()
    expect(page.locator("#app-title")).to_have_text("Cellar")
    expect(page).to_have_url(re.compile("/apps/cellar"))
    expect(page.locator("#wine-form [name=shelf]")).to_be_visible()
    expect(page.locator("#wine-list > li")).to_have_count(3)
    card(tab, "applied").get_by_role("button", name="Undo").click()
    expect(page.locator("#app-title")).to_have_text("Todo")


def test_a_proposed_app_can_be_read_and_decided_on_a_small_screen(tab: Tab) -> None:
    tab.say("make me an app for my books: title, author, pages, finished, bought on, price in euro")
    proposed = card(tab, "proposed")
    expect(proposed).to_be_visible()
    assert violations(tab) == []  # in all themes

    tab.page.set_viewport_size({"width": 320, "height": 780})
    proposed.get_by_role("button", name="Not now").scroll_into_view_if_needed()
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 320
    rows = proposed.get_by_role("group", name="Example rows")
    rows.focus()
    expect(rows).to_be_focused()
    proposed.get_by_role("button", name="Not now").press("Enter")
    expect(card(tab, "declined")).to_contain_text("Not done.")


def test_a_proposal_is_changed_by_further_words_before_it_is_made(tab: Tab) -> None:
    page = tab.page
    tab.say("make me an app for my cacti: name, water every so many weeks")
    expect(card(tab, "proposed").locator("dl > div")).to_have_text(["Nametext", "Water everywhole number, weeks"])

    tab.say("make it days instead of weeks")
    expect(card(tab, "proposed").locator("dl > div")).to_have_text(["Nametext", "Water everywhole number, days"])
    expect(card(tab, "declined")).to_contain_text("Replaced by the newer proposal below.")
    tab.say("and a note")
    expect(card(tab, "proposed").locator("dl > div")).to_have_text(
        ["Nametext", "Water everywhole number, days", "Notetext"]
    )
    expect(page.locator("#chat-log article[data-role=action][data-state=proposed]")).to_have_count(1)
    assert violations(tab) == []
    card(tab, "proposed").get_by_role("button", name="Do it").click()

    expect(card(tab, "applied").locator(".text")).to_have_text("Made the app “My cacti”.")
    card(tab, "applied").get_by_role("link", name="Open the app").click()
    expect(page.locator("#app form.add [name=note]")).to_be_visible()
    tab.say("and milk")  # nothing is proposed any more, so it is no change of the app
    expect(page.locator("#chat-log article[data-role=action][data-state=proposed]")).to_have_count(0)
