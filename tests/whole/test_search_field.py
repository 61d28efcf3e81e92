"""The search field for messages and all apps: by keyboard, and with a screen reader."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from apps.core import BUDGETS
from bus.messages import StoreOrder, UiActed
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.http_client import Visitor
from tests.support.installed_apps import BOOKS, install
from tests.support.ollama_double import Model, OllamaDouble
from tests.support.recorder import Recorder
from tests.support.system import Guest, System, message_of
from web.html.choices import EXPORT, IMPORT, PRESSED

MARKED = """async () => {
  for (let frame = 0; frame < 1000 && !CSS.highlights.has("found"); frame++) await new Promise(requestAnimationFrame);
  return [...(CSS.highlights.get("found") ?? [])].map(String);
}"""
"""It waits by itself: the page's policy forbids `wait_for_function`."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The whole system, with a second app, a second profile, and something to find everywhere."""
    folder = install(tmp_path_factory.mktemp("side"), books=BOOKS)
    with (
        OllamaDouble(Model(), Model("my-coder:7b")) as double,
        System({"OLLAMA_HOST": double.url, "PYTHONPATH": folder}) as system,
    ):
        system.start(*EVERYTHING)
        system.visit(furnish)
        yield system


async def furnish(guest: Guest) -> None:
    async def insert(table: str, **values: Any) -> int:
        asked = StoreOrder(verb="insert", table=table, values=values, actor="system")
        row: int = (await guest.bus.ask(asked, table)).message.rows[0]["id"]
        return row

    await guest.bus.ask(StoreOrder(verb="update", table="setting", id="mode", values={"value": "quiet"}), "setting")
    work = await insert("profile", name="Work")
    await insert("todo", title="Buy felt for the hammers", profile=1)
    await insert("todo", title="Order felt for the workshop", profile=work)
    await insert("book", title="Hammers", note="A history of felt, and of <b>hammers</b>")
    talk = await insert("conversation", title="About touch")
    for number in range(90):
        await insert("message", conversation=talk, role="assistant", text=f"Remark {number}.")
        if number == 3:
            await insert("message", conversation=talk, role="assistant", text="Felt wears out in ten years.")
    await insert("conversation", title="Something else")


@pytest.fixture
def tab(library: System, chromium: Chromium) -> Iterator[Tab]:
    with chromium.visit(library) as tab:
        yield tab


def look_for(tab: Tab, words: str) -> Locator:
    """Type into the field as a user does. Return the options."""
    tab.page.keyboard.press("Control+k")
    tab.page.keyboard.type(words)
    expect(tab.page.locator("#search-results")).to_have_attribute("data-text", words)
    return tab.page.get_by_role("option")


def test_results_from_all_apps_and_messages_appear_while_typing(tab: Tab) -> None:
    options = look_for(tab, "felt")

    expect(options).to_have_count(4)
    expect(options.filter(has_text="Buy")).to_have_text("Todo" + "Buy felt for the hammers")
    expect(options.nth(1)).to_have_text("Books" + "Hammers: A history of felt, and of <b>hammers</b>")
    expect(options.nth(2)).to_have_text("Message" + "Felt wears out in ten years.")
    expect(options.last).to_have_text("Todo, Work" + "Order felt for the workshop")
    expect(options.locator("mark").first).to_have_text("felt")
    expect(tab.page.locator("#search-input")).to_have_attribute("aria-expanded", "true")
    expect(tab.page.locator("#announcements")).to_have_text("4 results.")


def test_a_row_comes_before_a_setting_that_only_has_the_words(tab: Tab) -> None:
    tab.add("Learn the sober piece")
    expect(tab.todo("sober")).to_be_visible()
    options = look_for(tab, "sober")
    expect(options).to_have_text(["Todo" + "Learn the sober piece", "Setting" + "Persona: The sober clerk"])

    tab.page.keyboard.press("Enter")

    expect(tab.todo("sober")).to_be_focused()
    options = look_for(tab, "persona sober")
    expect(options).to_have_text(["Setting" + "Persona: The sober clerk"])


def test_the_arrow_keys_wrap_around_and_escape_closes(tab: Tab) -> None:
    options, field = look_for(tab, "felt"), tab.page.locator("#search-input")
    keys = tab.page.keyboard

    keys.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "search-result-0")
    keys.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    keys.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    keys.press("Escape")

    expect(options).to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_be_focused()


def test_enter_opens_the_app_and_marks_the_row(tab: Tab) -> None:
    look_for(tab, "history")

    tab.page.keyboard.press("Enter")

    row = tab.page.locator("#book-list > li").filter(has_text="Hammers")
    expect(row).to_have_class("row marked")
    expect(row).to_be_focused()
    tab.is_at("/apps/books")


def test_opening_a_row_of_another_profile_switches_to_that_profile(tab: Tab) -> None:
    look_for(tab, "workshop")

    tab.page.get_by_role("option").first.click()

    expect(tab.todo("workshop")).to_have_class("row marked")
    expect(tab.page.locator("#profile-menu > summary")).to_have_text("Work")
    tab.page.locator("#profile-menu > summary").click()
    tab.page.get_by_role("button", name="Me", exact=True).click()
    expect(tab.todo("Buy felt")).to_be_visible()


def test_an_old_message_is_shown_at_its_place_in_the_conversation(tab: Tab) -> None:
    look_for(tab, "wears out")

    tab.page.keyboard.press("Enter")

    found = tab.page.locator("#chat-log > article.marked")
    expect(found).to_contain_text("Felt wears out in ten years.")
    expect(found).to_be_in_viewport()
    assert marked(tab) == ["wears", "out"]
    expect(tab.page.locator("#conversation-menu > summary")).to_have_text("About touch")
    look_for(tab, "Something else")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#conversation-menu > summary")).to_have_text("Something else")


def marked(tab: Tab) -> list[str]:
    """Return the texts that are marked where the search has led, once there are any; none after 1,000 frames."""
    return list(tab.page.evaluate(MARKED))


def test_what_the_page_can_do_is_found_by_name_and_done_by_keyboard_alone(tab: Tab) -> None:
    page, keys = tab.page, tab.page.keyboard

    def choose(words: str, first: str) -> None:
        expect(look_for(tab, words).first).to_have_text(first)
        keys.press("Enter")

    page.locator("#app-title").focus()
    choose("colours da", "Setting" + "Colours: Dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("#app-title")).to_be_focused()
    choose("system", "Setting" + "Colours: System")
    choose("jour", "App" + "Journal")
    tab.is_at("/apps/journal")
    choose("tokens hour", "Setting" + "Tokens per hour for remarks")
    expect(page.locator("#budget-comment_tokens_per_hour")).to_be_focused()
    keys.press("Escape")
    choose("coder", "Model" + "my-coder:7b")
    expect(page.locator("#model-menu > summary")).to_contain_text("my-coder:7b")
    choose("work", "Profile" + "Work")
    expect(page.locator("#profile-menu > summary")).to_have_text("Work")
    choose("me", "Profile" + "Me")
    choose("help", "Action" + "Help: all keys")
    expect(page.get_by_role("dialog", name="Help")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#settings-menu > summary")).to_be_focused()


def test_each_choice_of_the_search_leads_to_something_in_the_page(tab: Tab) -> None:
    tab.page.goto(f"{tab.base}/apps/todo")
    for key in (*PRESSED, IMPORT, EXPORT, *(f"budget-{name}" for name in BUDGETS), "settings-menu"):
        expect(tab.page.locator(f"#{key}")).to_have_count(1)


def test_the_list_says_when_nothing_was_found(tab: Tab) -> None:
    look_for(tab, "a word that nobody has written")

    expect(tab.page.locator("#search-results")).to_have_text("Nothing found.")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#search-input")).to_be_focused()


@pytest.mark.parametrize(
    "text", ["", "   ", '"', "felt OR", "*", "title:felt", "NEAR(", "'; drop table todo", "%00", "x" * 5_000]
)
def test_no_text_is_read_as_search_syntax(library: System, text: str) -> None:
    visitor = Visitor(library)

    status, headers, body = visitor.ask(f"/search?text={text.replace(' ', '+')}")

    assert status == 200
    assert headers["content-type"].startswith("text/html")
    assert body.startswith('<div id="search-results"')
    assert "went wrong" not in body


def test_the_assistant_hears_the_words_that_were_meant_and_which_row_is_edited(library: System, tab: Tab) -> None:
    with Recorder(library.settings) as recorder:
        look_for(tab, "felt")
        searched = recorder.wait(message_of(UiActed, action="searched"))
        tab.page.keyboard.press("Escape")
        tab.page.goto(f"{tab.base}/apps/todo")
        tab.todo("Buy felt").locator(".title").dblclick()
        selected = recorder.wait(message_of(UiActed, action="selected"))

    assert searched.message.detail == {"text": "felt", "found": 3}
    assert selected.message.detail["name"] == "Buy felt for the hammers"
    assert len(recorder.all(UiActed, action="searched")) == 1
