"""The dialog "Why?" of rows, cards and messages: the causes back to a click, and what the model was told."""

from playwright.sync_api import Locator, expect

from tests.support.assistant_page import PAYLOAD, add, cards, do_with, empty
from tests.support.assistant_page import change as change_as_somebody
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.model_replies import adding
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import System


def ask(tab: Tab, where: Locator) -> Locator:
    """Open the dialog by keyboard. Return it."""
    if where.locator(".icon-why").count():
        where.locator(".icon-why").focus()
        tab.page.keyboard.press("Enter")
    else:
        do_with(tab, where, "Wh")
    dialog = tab.page.get_by_role("dialog", name="Why?")
    expect(dialog).to_be_visible()
    return dialog


def chain(dialog: Locator) -> list[str]:
    return [step.split("\n")[0] for step in dialog.locator(".reasons > li").all_inner_texts()]


def test_a_row_that_the_assistant_added_leads_back_to_the_message_and_the_click(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(speech("Noted.\n" + adding("milk")))
    tab.say("we need milk")
    expect(cards(tab)).to_have_count(1)

    dialog = ask(tab, tab.todo("milk"))

    assert chain(dialog) == [
        "The assistant added the todo “milk”",
        "because small:1b answered “Noted.”",
        "because you wrote “we need milk”",
        "because a click in the page",
    ]
    dialog.get_by_role("button", name="Show it in the chat").last.click()
    expect(dialog).to_have_count(0)
    expect(tab.messages("user").last).to_be_focused()


def test_what_the_model_was_told_is_shown_word_for_word(tab: Tab, ollama: OllamaDouble) -> None:
    add(tab, "bread")
    ollama.play(speech("Noted.\n" + adding("milk")))
    tab.say("we need milk")
    expect(cards(tab)).to_have_count(1)

    dialog = ask(tab, cards(tab))

    sent = ollama.chats[-1].body["messages"]
    texts = dialog.locator("details.told pre").evaluate_all("all => all.map(one => one.textContent)")
    asked, answered = texts[-2:]
    assert answered == "Noted.\n" + adding("milk")
    assert asked.endswith("# The user says\nwe need milk")
    assert "bread" in asked
    assert asked in [message["content"] for message in sent]
    layers = texts[: texts.index(asked)]
    assert len(layers) > 2
    assert all(any(layer in message["content"] for message in sent) for layer in layers)
    summary = dialog.locator("details.told > summary").first
    summary.press("Enter")
    expect(dialog.locator("details.told pre").first).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(cards(tab).locator(".icon-more")).to_be_focused()


def test_a_row_that_the_user_added_leads_back_to_a_click(tab: Tab) -> None:
    add(tab, "bread")

    dialog = ask(tab, tab.todo("bread"))

    assert chain(dialog) == ["You added the todo “bread”", "because a click in the page"]
    expect(dialog.locator("details.told")).to_have_count(0)


def test_a_remark_leads_back_to_what_it_is_about(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(speech("Busy, busy."))
    tab.page.get_by_role("button", name="Say something about what I am doing").press("Enter")
    expect(tab.page.get_by_role("group", name="Remark")).to_have_attribute("data-state", "done")

    tab.page.locator("#remarks-menu > summary").press("Enter")
    tab.page.get_by_role("button", name="Why did it say this?").press("Enter")
    dialog = tab.page.get_by_role("dialog", name="Why?")
    expect(dialog).to_be_visible()

    assert chain(dialog) == [
        "small:1b remarked “Busy, busy.”",
        "because you asked for a remark: a click in the page",
    ]
    expect(dialog.locator("details.told").first).to_be_attached()


def test_the_dialog_says_when_it_is_not_kept_what_the_model_was_told(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(speech("Hm."))
    tab.say("hello")
    tab.answered()
    change_as_somebody(tab.system, verb="delete", table="told", where={"path": "text"})

    dialog = ask(tab, tab.answer())

    expect(dialog).to_contain_text("It is not kept (any more)")
    expect(dialog).to_contain_text("you wrote “hello”")


def test_the_journal_leads_to_the_whole_chain(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(speech(adding("tea")))
    tab.say("tea, please")
    expect(cards(tab)).to_have_count(1)
    tab.page.goto(f"{tab.base}/apps/journal")
    tab.connected()

    entry = tab.page.locator(".entry").filter(has_text="tea").first
    entry.locator("summary").click()
    entry.get_by_role("button", name="Why, in full").click()

    dialog = tab.page.get_by_role("dialog", name="Why?")
    expect(dialog).to_contain_text("you wrote “tea, please”")


def test_hostile_texts_are_shown_as_text_and_axe_finds_no_violation(
    shared_system: System, chromium: Chromium, ollama: OllamaDouble
) -> None:
    empty(shared_system)
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab:
        ollama.play(speech(PAYLOAD + adding(PAYLOAD)))
        tab.say(PAYLOAD)
        expect(cards(tab)).to_have_count(1)

        dialog = ask(tab, cards(tab))

        for summary in dialog.locator("details.told > summary").all():
            summary.click()
        assert dialog.locator(":is(img, script, [onerror])").count() == 0
        assert tab.page.title() == "Todo · Pianola"
        assert violations(tab) == []
