"""Permissions in a browser: offered on the card of the third yes, given, used, listed, changed, taken back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.support.assistant_page import add, cards, empty, id_of
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.model_replies import instruction
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import System


@pytest.fixture
def tab(shared_system: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab with an empty list and a new conversation, in which axe can run."""
    empty(shared_system)
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab:
        yield tab


def order_delete(tab: Tab, ollama: OllamaDouble, title: str) -> None:
    """Tell the assistant to delete a todo, which the user has just added."""
    add(tab, title)
    ollama.play(speech(instruction(operation="delete", table="todo", id=id_of(tab, title))))
    tab.say(f"delete the {title}")


def listed(tab: Tab) -> Locator:
    return tab.page.get_by_role("article", name="Delete rows in Todo")


def test_a_permission_is_offered_at_the_third_yes_given_used_changed_and_taken_back(
    tab: Tab, ollama: OllamaDouble
) -> None:
    offer = tab.page.get_by_role("group", name="Shall it still ask?")
    for count, title in enumerate(("milk", "eggs", "bread"), start=1):
        expect(offer).to_have_count(0)
        order_delete(tab, ollama, title)
        tab.page.get_by_role("button", name="Do it").click()
        expect(cards(tab)).to_have_count(count)
    expect(offer).to_contain_text("You have agreed three times that the assistant may delete rows in Todo.")
    assert violations(tab) == []

    offer.get_by_role("button", name="Don’t ask any more").click()
    expect(offer).to_have_count(0)
    expect(cards(tab).last).to_contain_text("From now on it may delete rows in Todo without asking.")

    order_delete(tab, ollama, "rice")
    expect(cards(tab)).to_have_count(4)
    expect(tab.todo("rice")).to_have_count(0)

    tab.page.locator("#settings-menu > summary").click()
    tab.page.get_by_role("link", name="What it may do …").click()
    expect(listed(tab)).to_be_visible()
    assert violations(tab) == []
    listed(tab).get_by_role("combobox").select_option("never")
    expect(listed(tab)).to_have_attribute("data-rule", "never")

    tab.page.goto(f"{tab.base}/apps/todo")
    tab.connected()
    order_delete(tab, ollama, "tea")
    expect(cards(tab, "refused")).to_contain_text("You never let the assistant delete rows in Todo")
    expect(tab.todo("tea")).to_be_visible()

    tab.page.goto(f"{tab.base}/apps/permissions")
    tab.connected()
    listed(tab).get_by_role("button", name="Take back").click()
    expect(listed(tab)).to_have_count(0)
    tab.page.get_by_role("button", name="Undo").first.click()
    expect(listed(tab)).to_be_visible()
    listed(tab).get_by_role("button", name="Take back").click()
    expect(tab.page.get_by_text("There is no permission yet.")).to_be_visible()


def test_one_is_given_by_the_form_and_a_second_one_of_the_same_kind_changes_it(tab: Tab) -> None:
    tab.page.goto(f"{tab.base}/apps/permissions")
    tab.connected()
    form = tab.page.get_by_role("form", name="Add a permission")
    for rule in ("allow", "ask"):
        form.get_by_label("Then").select_option(rule)
        form.get_by_role("button", name="Add").click()
        expect(listed(tab)).to_have_attribute("data-rule", rule)
    expect(tab.page.locator("#permission-list article")).to_have_count(1)
    listed(tab).get_by_role("button", name="Take back").click()
    expect(listed(tab)).to_have_count(0)
