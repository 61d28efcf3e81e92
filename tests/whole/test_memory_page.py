"""What the assistant knows, in a browser: remembered at once, seen with its source, edited, switched off, forgotten."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.support.assistant_page import cards, change
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.model_replies import instruction
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import System

ROWS = "#memory-list > li"


@pytest.fixture
def tab(shared_system: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab with a new conversation, of an assistant that knows nothing."""
    change(shared_system, verb="delete", table="memory", where={"profile": 1})
    change(shared_system, verb="update", table="setting", id="conversation", values={"value": 0})
    change(shared_system, verb="update", table="setting", id="app", values={"value": "todo"})
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab:
        yield tab


def show(tab: Tab) -> None:
    tab.page.goto(f"{tab.base}/apps/memory")
    tab.connected()


def row(tab: Tab, text: str) -> Locator:
    return tab.page.locator(ROWS, has_text=text)


def test_what_is_said_is_remembered_at_once_with_undo_and_leads_back_to_the_message(tab: Tab) -> None:
    tab.say("Remember that I am allergic to nuts")
    expect(tab.answer().locator(".text")).to_have_text("I will remember that.", use_inner_text=True)
    expect(cards(tab).locator(".text")).to_have_text("Added “I am allergic to nuts” to memory.")

    show(tab)
    expect(row(tab, "I am allergic to nuts")).to_contain_text("You wrote “Remember that I am allergic to nuts”")
    assert violations(tab) == []
    row(tab, "I am allergic to nuts").get_by_role("button", name="You wrote").click()
    expect(tab.messages("user").last).to_be_focused()

    cards(tab).get_by_role("button", name="Undo").click()
    expect(row(tab, "I am allergic to nuts")).to_have_count(0)


def test_the_assistant_proposes_and_the_user_agrees(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(speech("Noted? " + instruction(operation="insert", table="memory", values={"text": "lives in Rome"})))
    tab.say("I live in Rome, by the way")
    card = cards(tab, "proposed")
    expect(card).to_contain_text("Add “lives in Rome” to memory?")
    card.get_by_role("button", name="Do it").click()
    expect(cards(tab)).to_contain_text("Added “lives in Rome” to memory.")

    show(tab)
    expect(row(tab, "lives in Rome")).to_contain_text("You wrote “I live in Rome, by the way”")


def test_it_is_written_edited_switched_off_and_forgotten_for_good(tab: Tab, ollama: OllamaDouble) -> None:
    show(tab)
    tab.page.fill("#memory-form input[name=text]", "I like long answers")
    tab.page.press("#memory-form input[name=text]", "Enter")
    one = row(tab, "I like")
    expect(one).to_contain_text("You wrote it here")

    one.get_by_role("button", name="Edit").click()
    one.locator("form input[name=text]").fill("I like short answers")
    one.get_by_role("button", name="Save").click()
    expect(row(tab, "I like short answers")).to_be_visible()

    ollama.play(speech("Yes."), speech("Yes."))
    tab.say("hello there")
    tab.answered()
    assert "I like short answers" in str(ollama.chats[-1].body["messages"][-1])

    one.get_by_role("checkbox").first.uncheck()
    tab.page.goto(f"{tab.base}/apps/todo")
    tab.connected()
    tab.page.locator("#new-conversation").click()
    expect(tab.page.locator("#chat-log article")).to_have_count(0)
    tab.say("hello again")
    tab.answered()
    assert "I like short answers" not in str(ollama.chats[-1].body["messages"])

    show(tab)
    tab.do_with(one, "Delete for good …")
    tab.page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
    expect(tab.page.locator(ROWS)).to_have_count(0)
    found = change(tab.system, verb="list", table="change", where={"subject": "memory"})
    assert not any("short" in str(one) for one in found)


def test_a_conversation_does_without_it(tab: Tab, ollama: OllamaDouble) -> None:
    change(tab.system, verb="insert", table="memory", values={"text": "I like tea"})
    ollama.play(speech("Yes."), speech("Yes."))
    tab.say("hello")
    tab.answered()
    assert "I like tea" in str(ollama.chats[-1].body["messages"])

    tab.page.locator("#conversation-menu > summary").click()
    tab.page.locator("#conversation-menu .conversation .icon-more").first.click()
    tab.page.get_by_role("button", name="Do not use what the assistant knows").click()
    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    tab.page.keyboard.press("Escape")
    tab.say("hello again")
    tab.answered()

    assert "I like tea" not in str(ollama.chats[-1].body["messages"])
