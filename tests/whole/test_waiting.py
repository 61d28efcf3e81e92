"""A question that waits for an older one: what its card says, how it is stopped. What a hidden tab says."""

import threading
import time

from playwright.sync_api import expect

from tests.support.browser import Tab
from tests.support.ollama_double import Done, OllamaDouble, Say, Wait, speech

FREE_SECONDS = 0.5
"""What is promised; the test allows more, because a busy machine is no fault of the page."""


def test_a_waiting_question_says_so_and_is_stopped_by_itself(tab: Tab, ollama: OllamaDouble) -> None:
    go_on = threading.Event()
    ollama.play([Say("One, "), Wait(go_on), Say("two."), Done()], speech("Hello."))
    tab.say("count")
    expect(tab.answer().locator(".text")).to_have_text("One, ")
    first = tab.answer().get_attribute("id")

    tab.say("hello")
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
