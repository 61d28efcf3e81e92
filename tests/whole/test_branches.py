"""One message in the page: edit and send again, another answer, fork, delete, rewind; and the way between versions."""

import threading

from playwright.sync_api import expect

from tests.support.assistant_page import add, cards, do_with, empty
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.model_replies import adding
from tests.support.ollama_double import Done, OllamaDouble, Say, Wait, speech, words_of
from tests.support.system import System


def texts(tab: Tab) -> list[str]:
    """Return what user and assistant say in the conversation in view."""
    spoken = tab.page.locator("#chat-log article:not([data-role=action]) > .text")
    return [text.strip() for text in spoken.all_inner_texts()]


def edit(tab: Tab, text: str) -> None:
    """Edit the newest message of the user, by keyboard."""
    tab.page.press("#chat-input", "ArrowUp")
    expect(tab.page.get_by_label("Your message")).to_be_focused()
    tab.page.keyboard.press("ControlOrMeta+A")
    tab.page.keyboard.type(text)
    tab.page.keyboard.press("Enter")


def test_an_edited_message_begins_a_version_and_both_are_kept(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.respond = lambda body: speech(f"Heard {words_of(body)}.")
    tab.say("one")
    tab.answered()
    tab.say("two")
    tab.answered()
    first = tab.page.url

    edit(tab, "three")

    expect(tab.answer().locator(".text")).to_have_text("Heard three.")
    assert texts(tab) == ["one", "Heard one.", "three", "Heard three."]
    count = tab.page.locator(".versions .count")
    expect(count).to_have_text("2 of 2")
    expect(tab.page.locator("#conversation-menu > summary")).to_contain_text("one")
    tab.page.locator("#conversation-menu > summary").click()
    expect(tab.page.locator("#talk-list a[aria-current=true]")).to_have_text("one")
    tab.page.keyboard.press("Escape")
    tab.page.get_by_label("The version before").click()
    expect(count).to_have_text("1 of 2")
    assert texts(tab) == ["one", "Heard one.", "two", "Heard two."]
    assert tab.page.url == first
    tab.page.go_back()
    expect(count).to_have_text("2 of 2")
    tab.reload()
    expect(count).to_have_text("2 of 2")
    assert texts(tab) == ["one", "Heard one.", "three", "Heard three."]
    other = tab.second()
    other.page.goto(first)
    other.connected()
    edit(other, "four")
    expect(other.page.locator(".versions .count")).to_have_text("3 of 3")
    expect(count).to_have_text("2 of 3")
    assert texts(tab) == ["one", "Heard one.", "three", "Heard three."]


def test_an_edit_that_is_not_sent_comes_back_after_a_reload(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.respond = lambda body: speech(f"Heard {words_of(body)}.")
    tab.say("one")
    tab.answered()
    begin_edit(tab)
    field = tab.page.get_by_label("Your message")
    field.fill("one and two")
    kept = "(text) => Object.values(localStorage).some((one) => one.includes(text))"
    tab.page.wait_for_function(kept, arg="one and two")

    tab.reload()
    expect(field).to_have_value("one and two")
    tab.page.keyboard.press("Escape")
    tab.reload()
    expect(field).to_have_count(0)
    begin_edit(tab)
    expect(field).to_have_value("one and two")
    tab.page.get_by_role("button", name="Cancel").click()
    begin_edit(tab)
    expect(field).to_have_value("one")
    field.fill("three")
    field.press("Enter")
    expect(tab.answer().locator(".text")).to_have_text("Heard three.")
    tab.page.wait_for_function(f"(text) => !({kept})(text)", arg="three")
    tab.reload()
    expect(field).to_have_count(0)


def begin_edit(tab: Tab) -> None:
    """Open the dialog that edits the newest message of the user."""
    tab.page.press("#chat-input", "ArrowUp")
    expect(tab.page.get_by_label("Your message")).to_be_focused()


def test_two_tabs_that_edit_the_same_message_keep_both_texts_and_the_second_is_told(
    tab: Tab, ollama: OllamaDouble
) -> None:
    ollama.respond = lambda body: speech(f"Heard {words_of(body)}.")
    tab.say("one")
    tab.answered()
    other = tab.second()
    begin_edit(tab)
    begin_edit(other)
    tab.page.get_by_label("Your message").fill("mine")
    other.page.get_by_label("Your message").fill("other")

    tab.page.get_by_label("Your message").press("Enter")
    expect(tab.answer().locator(".text")).to_have_text("Heard mine.")
    expect(tab.page.locator("#notices > *")).to_have_count(0)
    other.page.get_by_label("Your message").press("Enter")

    expect(other.page.locator("#notices")).to_contain_text("was edited in another tab, too")
    expect(other.page.locator(".versions .count")).to_have_text("3 of 3")
    assert texts(other) == ["other", "Heard other."]
    other.page.get_by_label("The version before").click()
    expect(other.page.locator(".versions .count")).to_have_text("2 of 3")
    assert texts(other) == ["mine", "Heard mine."]


def test_a_message_whose_answer_is_being_written_is_not_forked_yet(tab: Tab, ollama: OllamaDouble) -> None:
    go_on = threading.Event()
    ollama.play([Say("One, "), Wait(go_on), Say("two."), Done()])
    tab.say("count")
    expect(tab.answer().locator(".text")).to_have_text("One, ")

    do_with(tab, tab.messages("user").first, "Fork")

    expect(tab.page.locator("#notices")).to_contain_text("The answer is still being written. Stop it, or wait")
    go_on.set()
    assert tab.answered() == "One, two."


def test_a_hit_in_a_version_is_listed_under_the_title_of_its_conversation(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.respond = lambda body: speech(f"Heard {words_of(body)}.")
    tab.say("a question about gardens")
    tab.answered()
    edit(tab, "what of the wisteria")
    expect(tab.answer().locator(".text")).to_have_text("Heard what of the wisteria.")

    tab.page.locator("#conversation-menu > summary").click()
    tab.page.fill("#talk-words", "wisteria")

    hit = tab.page.locator("#talk-list a")
    expect(hit.locator(".said")).to_contain_text("wisteria")
    expect(hit.locator(".chosen")).to_have_text("a question about gardens")


def test_another_answer_stands_beside_the_first_whose_deeds_can_be_undone(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(speech("Noted. " + adding("milk")), speech("I would rather not."))
    tab.say("add milk")
    expect(cards(tab)).to_have_count(1)

    tab.page.get_by_role("button", name="Another answer").click()

    expect(tab.answer().locator(".text")).to_have_text("I would rather not.")
    expect(cards(tab)).to_have_count(0)
    left = tab.page.locator(".versions")
    expect(left).to_contain_text("2 of 2")
    expect(left).to_contain_text("In the other version the assistant did: Added “milk” to todo.")
    expect(tab.todo("milk")).to_have_count(1)
    left.get_by_role("button", name="Undo these").click()
    expect(tab.todo("milk")).to_have_count(0)
    expect(left).not_to_contain_text("In the other version")
    tab.page.get_by_label("The version before").click()
    expect(cards(tab, "undone")).to_have_count(1)


def test_a_fork_keeps_what_it_shows_when_the_conversation_is_deleted(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.respond = lambda body: speech(f"Heard {words_of(body)}.")
    tab.say("begin here")
    tab.answered()
    tab.say("later")
    tab.answered()

    do_with(tab, tab.messages("assistant").first, "Fork")

    expect(tab.page.locator("#conversation-menu > summary")).to_contain_text("begin here (fork)")
    expect(tab.messages("assistant")).to_have_count(1)
    tab.say("other way")
    tab.answered()
    tab.page.locator("#conversation-menu > summary").click()
    tab.page.get_by_role("button", name="More about “begin here”", exact=True).click()
    tab.page.locator("#conversation-more").get_by_role("button", name="Delete …").click()
    dialog = tab.page.get_by_role("dialog", name="Delete “begin here”?")
    expect(dialog).to_contain_text("Its 2 messages are deleted too.")
    expect(dialog).to_contain_text("What forks of it show is kept.")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(tab.page.get_by_role("link", name="begin here", exact=True)).to_have_count(0)
    tab.reload()
    assert texts(tab) == ["begin here", "Heard begin here.", "other way", "Heard other way."]


def test_the_apps_go_back_to_what_they_were_before_a_message_in_one_step(tab: Tab, ollama: OllamaDouble) -> None:
    add(tab, "bread")
    ollama.play(speech("Noted. " + adding("milk")))
    tab.say("add milk")
    expect(cards(tab)).to_have_count(1)
    add(tab, "eggs")
    tab.todo("bread").get_by_role("checkbox").check()
    expect(tab.todo("bread")).to_have_attribute("data-done", "")

    do_with(tab, tab.messages("user").first, "Rewind")

    dialog = tab.page.get_by_role("dialog", name="Rewind the apps to before this message?")
    expect(dialog).to_contain_text("This undoes 3 changes, yours and the assistant’s: Todo 3.")
    expect(dialog).to_contain_text("You added the todo “eggs”")
    dialog.get_by_role("button", name="Rewind").click()
    expect(tab.page.locator("#todo-list > li")).to_have_count(1)
    expect(tab.todo("bread")).not_to_have_attribute("data-done", "")
    expect(cards(tab, "undone")).to_have_count(1)
    expect(tab.page.locator("#undo")).to_contain_text("Undid 3 changes")
    do_with(tab, tab.messages("user").first, "Rewind")
    expect(tab.page.get_by_role("alert")).to_contain_text("There is nothing to take back")


def test_one_message_is_deleted_and_what_was_done_stays(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(speech("Noted. " + adding("milk")))
    tab.say("add milk")
    expect(cards(tab)).to_have_count(1)

    do_with(tab, tab.answer(), "Delete")

    expect(tab.messages("assistant")).to_have_count(0)
    expect(cards(tab)).to_have_count(1)
    expect(tab.todo("milk")).to_have_count(1)
    tab.page.locator("#undo").get_by_role("button", name="Undo").click()
    expect(tab.page.locator("#chat-log article").nth(1)).to_have_attribute("data-role", "assistant")


def test_the_menu_of_a_message_and_the_edit_are_accessible(
    shared_system: System, chromium: Chromium, ollama: OllamaDouble
) -> None:
    empty(shared_system)
    ollama.play(speech("Hello."), speech("Hello again."))
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab:
        tab.say("hello")
        tab.answered()
        tab.page.get_by_role("button", name="Another answer").click()
        expect(tab.page.locator(".versions")).to_contain_text("2 of 2")
        tab.answered()
        tab.page.locator(".icon-more").first.click()
        expect(tab.page.get_by_role("menuitem").first).to_be_focused()
        assert violations(tab) == []
        tab.page.keyboard.press("Escape")
        expect(tab.page.locator("#message-menu")).to_be_hidden()
        expect(tab.page.locator(".icon-more").first).to_be_focused()
        tab.page.press("#chat-input", "ArrowUp")
        expect(tab.page.get_by_label("Your message")).to_be_focused()
        assert violations(tab) == []
