"""A question that comes while an older one is being answered: what its card says, and how it is stopped."""

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
