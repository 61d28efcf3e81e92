"""Cards in the page: what the assistant did, proposes or could not do; agreeing, declining and undoing."""

import threading

from playwright.sync_api import Locator, expect

from tests.conftest import WholeSystem
from tests.support.assistant_page import PAYLOAD, add, cards, change, empty, id_of
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.model_replies import adding, called, instruction
from tests.support.ollama_double import Done, OllamaDouble, Say, Tell, Wait, speech
from tests.support.system import System

# --- what was done ---


def test_each_instruction_becomes_a_card_with_a_link_to_its_row_and_undo(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(speech(f"Both noted.\n\n{adding('milk', 'eggs')}"))

    tab.say("add milk and eggs")
    other = tab.second()  # it shows the conversation that was opened last

    for one in (tab, other):
        expect(cards(one).locator(".text")).to_have_text(["Added “milk” to todo.", "Added “eggs” to todo."])
        expect(one.answer().locator(".text")).to_have_text("Both noted.", use_inner_text=True)
        expect(one.todo("eggs").locator(".by-model")).to_be_visible()
    card = cards(tab).filter(has_text="eggs")
    card.get_by_role("button", name="Show the row: Added “eggs” to todo.").click()
    expect(tab.todo("eggs")).to_be_focused()
    card.get_by_role("button", name="Undo").click()
    for one in (tab, other):
        expect(one.todo("eggs")).to_have_count(0)
        expect(cards(one, "undone")).to_contain_text("Undone.")


def test_a_model_that_calls_tools_gets_the_same_cards(tab: Tab, ollama: OllamaDouble) -> None:
    choose_model(tab, "able:8b")
    ollama.play(called({"operation": "insert", "table": "todo", "values": {"title": "tea"}}), speech("Tea it is."))

    tab.say("add tea")

    expect(cards(tab).locator(".text")).to_have_text("Added “tea” to todo.")
    expect(tab.messages("assistant").last.locator(".text")).to_have_text("Tea it is.")
    choose_model(tab, "small:1b")


def choose_model(tab: Tab, name: str) -> None:
    tab.page.locator("#model-menu > summary").click()
    tab.page.locator("#model-menu .choice").filter(has_text=name).click()
    expect(tab.page.locator("#model-menu > summary")).to_contain_text(name)


def test_an_answer_with_several_changes_is_undone_as_a_whole(tab: Tab, ollama: OllamaDouble) -> None:
    add(tab, "bread")
    reading = instruction(operation="list", table="todo")
    ollama.play(speech(adding("milk") + reading), speech(adding("eggs") + "That is all."))

    tab.say("add milk and eggs")

    expect(cards(tab)).to_have_count(2)
    button = tab.page.get_by_role("button", name="Undo everything this answer did")
    expect(button).to_have_count(1)
    button.click()
    expect(cards(tab, "undone")).to_have_count(2)
    expect(tab.page.locator("#todo-list > li")).to_have_count(1)
    expect(button).to_have_count(0)


def test_the_cards_of_an_answer_are_one_card_folded_behind_its_first_five(tab: Tab, ollama: OllamaDouble) -> None:
    titles = ["milk", "eggs", "bread", "rice", "tea", "jam", "salt"]
    change(tab.system, verb="update", table="setting", id="ask", values={"value": "never"})
    ollama.play(speech(adding(*titles)))

    tab.say(f"add {', '.join(titles)}")

    expect(cards(tab)).to_have_count(7)
    shown = cards(tab).locator("visible=true")
    expect(shown.locator(".text")).to_have_text([f"Added “{title}” to todo." for title in titles[:5]])
    first, second = (cards(tab).nth(place).bounding_box() or {} for place in (0, 1))
    assert abs(first["y"] + first["height"] - second["y"]) <= 2  # lines of one card, without a gap
    tab.page.get_by_text("2 more", exact=True).click()
    expect(cards(tab).last).to_be_visible()
    cards(tab).last.get_by_role("button", name="Undo").click()
    expect(cards(tab, "undone")).to_be_visible()
    expect(cards(tab)).to_have_count(6)
    expect(tab.page.locator("#todo-list .title")).to_have_text(titles[:6])
    tab.reload()
    expect(cards(tab).locator("visible=true")).to_have_count(5)
    change(tab.system, verb="update", table="setting", id="ask", values={"value": "harmful"})


def test_an_answer_with_one_change_has_no_button_to_undo_everything(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(speech(adding("milk")))

    tab.say("add milk")

    expect(cards(tab)).to_have_count(1)
    expect(tab.page.get_by_role("button", name="Undo everything this answer did")).to_have_count(0)


def test_everything_since_a_change_is_undone_from_the_journal(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(speech(adding("before")), speech(adding("milk", "eggs")), speech(adding("rice")))
    for words, count in (("add before", 1), ("add milk and eggs", 3), ("add rice", 4)):
        tab.say(words)
        expect(cards(tab)).to_have_count(count)
    add(tab, "mine")

    tab.page.goto(f"{tab.base}/apps/journal")
    tab.connected()
    step = tab.page.locator(".step").filter(has_text="milk").first
    milk = step.locator(".entry").filter(has_text="milk").last  # the one of the eggs says “add milk and eggs”, too
    milk.locator("summary").click()
    milk.get_by_role("button", name="Undo everything the assistant did since here").click()
    question = tab.page.get_by_role("dialog", name="Undo what the assistant did?")
    expect(question).to_contain_text("the assistant made 3 changes")
    expect(question.get_by_role("listitem").first).to_have_text("The assistant added the todo “rice”")
    question.get_by_role("button", name="Undo all of them").click()

    expect(cards(tab, "undone")).to_have_count(3)
    tab.page.goto(f"{tab.base}/apps/todo")
    tab.connected()
    expect(tab.page.locator("#todo-list .title")).to_have_text(["before", "mine"])


# --- what is proposed ---


def propose(tab: Tab, ollama: OllamaDouble) -> Locator:
    """Have the assistant propose two changes: delete bread, and change milk. Return the card."""
    add(tab, "milk", "bread")
    milk, bread = id_of(tab, "milk"), id_of(tab, "bread")
    changed = instruction(operation="update", table="todo", id=milk, values={"title": "oat milk", "done": True})
    wanted = speech("May I?\n" + instruction(operation="delete", table="todo", id=bread) + changed)
    ollama.play(wanted, wanted)  # the model is asked to look again, and wants the same
    tab.say("what about no bread, and oat milk for milk?")
    card = cards(tab, "proposed")
    expect(card).to_have_count(1)
    return card


def test_a_proposal_shows_exactly_what_would_change_and_does_it(tab: Tab, ollama: OllamaDouble) -> None:
    card = propose(tab, ollama)

    expect(card.locator(".text")).to_have_text("Do these 2 changes?")
    changes = card.get_by_role("list", name="What would change").get_by_role("listitem")
    expect(changes).to_have_count(2)
    expect(changes.first).to_contain_text("Delete todo")
    expect(changes.first.locator("del").first).to_have_text("bread")
    expect(changes.last.locator("del")).to_have_text(["milk", "no"])
    expect(changes.last.locator("ins")).to_have_text(["oat milk", "yes"])
    card.get_by_role("button", name="Do all").press("Enter")

    expect(cards(tab)).to_have_count(1)
    expect(tab.page.locator("#todo-list .title")).to_have_text(["oat milk"])
    cards(tab).get_by_role("button", name="Undo").click()
    expect(tab.page.locator("#todo-list .title")).to_have_text(["milk", "bread"])


def test_the_lines_of_a_proposal_are_decided_one_by_one(tab: Tab, ollama: OllamaDouble) -> None:
    card = propose(tab, ollama)
    lines, other = card.get_by_role("listitem"), tab.second()

    lines.last.get_by_role("button", name="Only this").click()

    expect(cards(tab).locator(".text")).to_have_text("Changed “oat milk” (title: milk → oat milk, done: no → yes).")
    expect(card.locator(".text")).to_have_text("Delete “bread” from todo?")
    expect(card.get_by_role("button", name="Only this")).to_have_count(0)
    expect(tab.page.locator("#todo-list .title")).to_have_text(["oat milk", "bread"])
    cards(tab).get_by_role("button", name="Undo").click()
    expect(tab.page.locator("#todo-list .title")).to_have_text(["milk", "bread"])
    cards(other, "proposed").get_by_role("button", name="Don’t").click()
    expect(cards(tab, "declined").locator(".text")).to_have_text("Delete “bread” from todo?")
    expect(cards(tab, "proposed")).to_have_count(0)


def test_a_long_proposal_is_folded_and_the_order_of_its_decisions_is_free(tab: Tab, ollama: OllamaDouble) -> None:
    titles = ["milk", "eggs", "bread", "rice", "tea", "jam", "salt"]
    ollama.play(speech(adding(*titles)))
    tab.say(f"add {', '.join(titles)}")
    card = cards(tab, "proposed")
    expect(card.locator(".text")).to_have_text("Do these 7 changes?")
    expect(card.get_by_role("listitem").locator("visible=true")).to_have_count(5)

    card.get_by_text("2 more", exact=True).click()
    card.get_by_role("listitem").filter(has_text="salt").get_by_role("button", name="Not this").click()
    expect(card.locator(".text")).to_have_text("Do these 6 changes?")
    card.get_by_role("listitem").filter(has_text="eggs").get_by_role("button", name="Only this").click()
    expect(card.locator(".text")).to_have_text("Do these 5 changes?")
    card.get_by_role("button", name="Do all").click()

    expect(tab.page.locator("#todo-list .title")).to_have_text(["eggs", "milk", "bread", "rice", "tea", "jam"])
    expect(cards(tab, "declined").locator(".text")).to_have_text("Add “salt” to todo?")


def test_a_proposal_is_declined(tab: Tab, ollama: OllamaDouble) -> None:
    propose(tab, ollama).get_by_role("button", name="Do none").click()

    expect(cards(tab, "declined")).to_contain_text("Not done.")
    expect(tab.page.locator("#todo-list .title")).to_have_text(["milk", "bread"])


def test_a_proposal_is_changed_by_a_message(tab: Tab, ollama: OllamaDouble) -> None:
    card = propose(tab, ollama)
    milk = id_of(tab, "milk")

    card.get_by_role("button", name="Change…").press("Enter")
    expect(tab.page.locator("#chat-input")).to_be_focused()
    expect(tab.page.locator("#amendment")).to_have_text("Instead of: Do these 2 changes?Cancel")
    tab.page.keyboard.press("Escape")
    expect(tab.page.locator("#amendment")).to_be_hidden()
    card.get_by_role("button", name="Change…").click()
    ollama.play(speech("So be it.\n" + instruction(operation="toggle", table="todo", id=milk, field="done")))
    tab.say("only tick the milk")

    expect(cards(tab, "declined")).to_have_count(1)
    expect(cards(tab)).to_have_count(1)
    expect(tab.todo("milk")).to_have_attribute("data-done", "")
    expect(tab.page.locator("#amendment")).to_be_hidden()
    expect(tab.messages("user").last.get_by_role("link", name="About the proposal")).to_be_visible()
    assert "About your proposal" in ollama.chats[-1].body["messages"][-1]["content"]


def test_a_proposal_is_refused_when_its_rows_were_changed_meanwhile(tab: Tab, ollama: OllamaDouble) -> None:
    card = propose(tab, ollama)
    change(tab.system, verb="update", table="todo", id=id_of(tab, "milk"), values={"title": "cream"})

    card.get_by_role("button", name="Do all").click()

    expect(cards(tab, "refused")).to_contain_text("was changed meanwhile, so nothing was done")
    expect(tab.page.locator("#todo-list .title")).to_have_text(["cream", "bread"])


def test_a_proposal_survives_a_reload_and_kill_9(whole_system: WholeSystem, chromium: Chromium) -> None:
    with chromium.visit(whole_system.system) as tab:
        tab.tolerates_lost_connection = True
        tab.page.get_by_role("radio", name="Quiet").check()
        propose(tab, whole_system.ollama)
        tab.reload()
        expect(cards(tab, "proposed").get_by_role("listitem")).to_have_count(2)

        for process in ("store", "agent", "web"):
            whole_system.system.kill(process)
        whole_system.system.start("store", "agent", "web")

        tab.connected()
        expect(cards(tab, "proposed").get_by_role("listitem")).to_have_count(2)
        cards(tab, "proposed").get_by_role("button", name="Do all").click()
        expect(tab.page.locator("#todo-list .title")).to_have_text(["oat milk"])


# --- safety and accessibility ---


def test_hostile_values_are_shown_as_text_in_cards(tab: Tab, ollama: OllamaDouble) -> None:
    add(tab, "bread")
    bread = id_of(tab, "bread")
    changed = instruction(operation="update", table="todo", id=bread, values={"title": PAYLOAD})
    both = speech(changed + instruction(operation="delete", table="todo", id=bread))
    ollama.play(speech(adding(PAYLOAD)), both, both)
    tab.say(f"add {PAYLOAD}")
    expect(cards(tab).locator(".text")).to_contain_text(PAYLOAD[:40])
    tab.say("second")

    proposed = cards(tab, "proposed")
    expect(proposed.locator("ins").first).to_have_text(PAYLOAD)
    assert tab.page.locator("#chat-log :is(img, script, [onerror])").count() == 0
    proposed.get_by_role("button", name="Change…").click()
    assert tab.page.locator("#chat-form :is(img, script, [onerror])").count() == 0
    assert tab.page.title() == "Todo · Pianola"


def test_axe_finds_no_violation_in_cards(shared_system: System, chromium: Chromium, ollama: OllamaDouble) -> None:
    empty(shared_system)
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab:
        propose(tab, ollama)
        ollama.play(speech(adding("tea", "rice")))
        tab.say("tea and rice")
        expect(cards(tab)).to_have_count(2)
        cards(tab, "proposed").get_by_role("button", name="Change…").click()

        assert violations(tab) == []


def test_an_instruction_is_never_shown_as_json_while_it_streams(tab: Tab, ollama: OllamaDouble) -> None:
    written, go_on = threading.Event(), threading.Event()
    letters = [Say(letter) for letter in f"Noted {{so}}.\n\n{adding('milk')}\n\n{adding('eggs')}\n\nAnd done."]
    ollama.play([*letters, Tell(written), Wait(go_on), Done()])
    tab.page.evaluate(
        """() => {
            window.seen = "";
            const look = () => { window.seen += document.getElementById("chat-log").innerText; };
            new MutationObserver(look).observe(document.getElementById("chat-log"),
                { subtree: true, childList: true, characterData: true });
        }"""
    )

    tab.say("milk and eggs, please")

    text = tab.answer().locator(".text")
    expect(text).to_have_text("Noted {so}. And done.", use_inner_text=True)
    assert text.inner_text() == "Noted {so}.\n\nAnd done."  # no gap where the instructions were
    assert "operation" not in tab.page.evaluate("window.seen")
    go_on.set()
    expect(cards(tab)).to_have_count(2)
