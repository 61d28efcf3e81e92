"""Questions that come while an older one is being answered: they wait, are edited, moved, removed, or stopped.

And what a hidden tab says."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.support.assistant_page import change, empty
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.ollama_double import Done, OllamaDouble, Say, Wait, speech
from tests.support.system import System

FREE_SECONDS = 0.5
"""What is promised; the test allows more, because a busy machine is no fault of the page."""


def question_in(tab: Tab, text: str) -> dict[str, Any]:
    """Return the values of a message of the user in the conversation in view."""
    talk = int(tab.page.locator("#chat-log").get_attribute("data-conversation") or 0)
    return {"conversation": talk, "role": "user", "text": text}


@pytest.fixture
def answering(tab: Tab, ollama: OllamaDouble) -> Iterator[threading.Event]:
    """An answer is being given in the tab; set the event to end it. Each further answer is one word."""
    go_on = threading.Event()
    ollama.play([Say("One, "), Wait(go_on), Say("two."), Done()])
    ollama.respond = lambda _body: speech("Yes.")
    tab.say("count")
    expect(tab.answer().locator(".text")).to_have_text("One, ")
    yield go_on
    change(tab.system, verb="delete", table="waiting_message", where={"id": {"from": 1}})
    go_on.set()


def ask(tab: Tab, *texts: str) -> None:
    """Send questions while an answer is coming, and wait until they stand in the list."""
    count = waiting(tab).count()
    for place, text in enumerate(texts, start=1):
        tab.page.fill("#chat-input", text)
        tab.page.press("#chat-input", "Enter")
        expect(waiting(tab)).to_have_count(count + place)


def waiting(tab: Tab) -> Locator:
    """Return the questions that wait."""
    return tab.page.locator("#chat-waiting li")


def test_what_is_asked_while_an_answer_comes_waits_and_is_edited_moved_and_removed(
    tab: Tab, answering: threading.Event
) -> None:
    other = tab.second()
    ask(tab, "first", "second", "third", "forth")
    tab.reload()
    for one in (tab, other):
        expect(waiting(one).locator(".words")).to_have_text(["first", "second", "third", "forth"])

    tab.page.locator("#chat-input").press("ArrowUp")  # the last message is the last one that waits
    field = tab.page.get_by_role("dialog", name="Edit the question that waits").get_by_role("textbox")
    field.fill("fourth")
    field.press("Enter")
    waiting(tab).filter(has_text="fourth").get_by_role("button", name="More").press("Enter")
    tab.page.get_by_role("menuitem", name="Move up").press("Enter")
    expect(waiting(tab).locator(".words")).to_have_text(["first", "second", "fourth", "third"])
    waiting(tab).filter(has_text="fourth").get_by_role("button", name="Edit").press("Alt+ArrowUp")
    expect(waiting(tab).locator(".words")).to_have_text(["first", "fourth", "second", "third"])
    expect(waiting(tab).filter(has_text="fourth").get_by_role("button", name="Edit")).to_be_focused()
    waiting(tab).filter(has_text="second").get_by_role("button", name="Remove").click()
    expect(waiting(tab)).to_have_count(3)
    waiting(tab).filter(has_text="first").get_by_role("button", name="Remove").click()
    tab.page.locator("#undo button").click()
    expect(waiting(other).locator(".words")).to_have_text(["first", "fourth", "third"])
    expect(tab.messages("user")).to_have_count(1)

    tab.page.locator("#chat-stop").click()  # stops what runs, not what waits

    expect(tab.messages("user").locator(".text")).to_have_text(["count", "first", "fourth", "third"])
    expect(tab.messages("assistant").first).to_have_attribute("data-state", "stopped")
    expect(tab.messages("assistant").nth(3)).to_have_attribute("data-state", "done")
    expect(tab.page.locator("#chat-waiting")).to_be_hidden()


def test_fifty_questions_wait_and_one_more_is_refused_with_its_text_kept(tab: Tab, answering: threading.Event) -> None:
    talk = question_in(tab, "")["conversation"]
    for number in range(49):
        values = {"conversation": talk, "text": f"question {number}"}
        change(tab.system, verb="insert", table="waiting_message", values=values)
    expect(waiting(tab)).to_have_count(49)
    ask(tab, "the last one")
    expect(waiting(tab)).to_have_count(50)

    tab.page.fill("#chat-input", "one too many")
    tab.page.press("#chat-input", "Enter")

    expect(tab.page.locator("#notices")).to_contain_text("50 questions wait for this answer already")
    expect(tab.page.locator("#chat-input")).to_have_value("one too many")
    expect(waiting(tab)).to_have_count(50)


def test_an_edit_of_a_question_that_has_changed_or_was_asked_meanwhile_says_so(
    tab: Tab, answering: threading.Event
) -> None:
    ask(tab, "first")
    key = waiting(tab).get_attribute("data-waiting")
    waiting(tab).get_by_role("button", name="Edit").click()
    field = tab.page.get_by_role("dialog", name="Edit the question that waits").get_by_role("textbox")
    field.fill("mine")
    change(tab.system, verb="update", table="waiting_message", id=int(key or 0), values={"text": "theirs"})
    field.press("Enter")
    expect(tab.page.locator(".notice").last).to_contain_text("was changed in another tab")
    expect(field).to_have_value("mine")
    answering.set()
    expect(tab.messages("user")).to_have_count(2)
    field.press("Enter")

    expect(tab.page.locator(".notice").last).to_contain_text("was asked or removed meanwhile")
    expect(field).to_have_value("mine")


def test_axe_finds_no_violation_in_questions_that_wait(
    shared_system: System, chromium: Chromium, ollama: OllamaDouble
) -> None:
    empty(shared_system)
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab:
        go_on = threading.Event()
        ollama.play([Say("One, "), Wait(go_on), Done()], speech("Yes."))
        tab.say("count")
        ask(tab, f"and then? {'A long question. ' * 20}")
        box = waiting(tab).get_by_role("button", name="Remove").bounding_box() or {}
        assert 0 < box["x"] < 1280 - box["width"]

        assert violations(tab) == []
        go_on.set()
        expect(tab.messages("assistant").nth(1)).to_have_attribute("data-state", "done")


def test_a_waiting_question_says_so_and_is_stopped_by_itself(tab: Tab, ollama: OllamaDouble) -> None:
    go_on = threading.Event()
    ollama.play([Say("One, "), Wait(go_on), Say("two."), Done()], speech("Hello."))
    tab.say("count")
    expect(tab.answer().locator(".text")).to_have_text("One, ")
    first = tab.answer().get_attribute("id")

    change(tab.system, verb="insert", table="message", values=question_in(tab, "hello"))  # as other programs ask
    waiting = tab.answer().locator(".waiting")
    expect(waiting.locator(".state")).to_have_text("Waits for the answer to “count”")
    tab.reload()
    expect(waiting.locator(".state")).to_have_text("Waits for the answer to “count”")
    before = time.monotonic()
    waiting.get_by_role("button", name="Stop").click()

    expect(tab.answer()).to_have_attribute("data-state", "stopped")
    assert time.monotonic() - before < 4 * FREE_SECONDS
    older = tab.page.locator(f"#{first}")
    expect(older).to_have_attribute("data-state", "streaming")
    go_on.set()
    expect(older).to_have_attribute("data-state", "done")
    expect(older.locator(".text")).to_have_text("One, two.")
    expect(older.locator(".cost > summary")).to_contain_text("26 tokens read")
    expect(older.locator(".cost dl")).to_be_hidden()

    tab.say("hello again")
    assert tab.answered() == "Hello."
    assert len(ollama.chats) >= 2


def test_escape_stops_an_answer_from_anywhere_but_where_it_closes_something(tab: Tab, ollama: OllamaDouble) -> None:
    go_on = threading.Event()
    ollama.play([Say("One, "), Wait(go_on), Done()])
    tab.say("count")
    expect(tab.answer().locator(".text")).to_have_text("One, ")
    tab.reload()

    tab.open_settings()
    tab.page.get_by_role("button", name="Help").click()
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("dialog", name="Help")).to_be_hidden()
    tab.page.locator("#model-menu > summary").click()
    tab.page.keyboard.press("Escape")
    expect(tab.page.locator("#model-menu")).not_to_have_attribute("open", "")
    tab.page.locator("#todo-form input[name=title]").press("Escape")
    expect(tab.answer()).to_have_attribute("data-state", "streaming")

    tab.page.locator("#todo-form input[name=title]").blur()
    tab.page.keyboard.press("Escape")

    expect(tab.answer()).to_have_attribute("data-state", "stopped")
    assert ollama.chats[-1].closed.wait(5)
    go_on.set()


HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""A browser without a window shows all its tabs, so the page is told."""
NOTIFICATIONS = """
  window.notified = [];
  window.Notification = class extends EventTarget {
    static permission = sessionStorage.getItem("permission") ?? "default";
    static async requestPermission() { Notification.permission = window.answer; }
    constructor(title, { body }) { super(); window.notified.push(`${title}: ${body}`); }
  };
"""


def test_title_icon_and_notification_tell_of_an_answer_in_a_hidden_tab(tab: Tab, ollama: OllamaDouble) -> None:
    go_on, page = threading.Event(), tab.page
    ollama.play([Say("One, "), Wait(go_on), Say("two."), Done()], speech("Hello."))
    page.add_init_script(NOTIFICATIONS)
    tab.reload()
    plain = icon(tab)
    box = page.get_by_role("checkbox", name="A long answer is there")
    tab.open_settings()
    expect(box).not_to_be_checked()
    page.evaluate("window.answer = 'denied'")
    box.click()
    expect(page.locator("#notices")).to_contain_text("This browser does not allow notifications here.")
    expect(box).not_to_be_checked()
    page.evaluate("window.answer = 'granted'")
    box.check()
    page.keyboard.press("Escape")

    tab.say("count")
    expect(page).to_have_title("Answering … · Todo · Pianola")
    assert "f5a524" in icon(tab)
    page.evaluate(HIDE, True)
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 11_000; }")
    go_on.set()
    expect(page).to_have_title("Answer · Todo · Pianola")
    page.wait_for_function("notified.length")
    assert page.evaluate("notified") == ["Your answer is there: One, two."]

    page.evaluate(HIDE, False)
    expect(page).to_have_title("Todo · Pianola")
    assert icon(tab) == plain
    page.evaluate(HIDE, True)
    tab.say("hello")
    tab.answered()
    expect(page).to_have_title("Answer · Todo · Pianola")
    assert page.evaluate("notified.length") == 1  # it did not take long

    tab.tolerates_lost_connection = True
    page.evaluate("document.body.dataset.connected = 'no'")
    expect(page).to_have_title("No connection · Todo · Pianola")


def icon(tab: Tab) -> str:
    return str(tab.page.locator("link[rel=icon]").get_attribute("href"))
