"""The assistant's settings in the page: persona, when it asks, budgets; the meter, summaries, opening apps, remarks."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from bus.bus import new_id
from bus.messages import StoreChanged, StoreOrder
from tests.support.assistant_page import PAYLOAD, add, cards, change, do_with, empty, id_of, quieten
from tests.support.axe import violations
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.model_replies import instruction
from tests.support.ollama_double import Done, OllamaDouble, Say, Wait, speech
from tests.support.system import Guest, System

HOSTILE_PERSONA = f"title: {PAYLOAD[:70]}\nwords: 9\n---\nYou are a test. {PAYLOAD}"


@pytest.fixture(scope="module")
def shared_system(ollama: OllamaDouble) -> Iterator[System]:
    with System({"OLLAMA_HOST": ollama.url}) as system:
        personas = system.home / "personas"
        personas.mkdir(parents=True)
        (personas / "hostile.md").write_text(HOSTILE_PERSONA)
        (personas / "broken.md").write_text("words: many\n---\nHm.")
        (system.home / "prompts/apps").mkdir(parents=True)
        (system.home / "prompts/rules.md").write_bytes(b"\xff")
        (system.home / "prompts/apps/todo.md").write_text(f"The list is a treasure map. {PAYLOAD}")
        system.start(*EVERYTHING)
        quieten(system)
        yield system


def open_menu(tab: Tab) -> None:
    tab.open_settings()


def choose(tab: Tab, persona: str) -> None:
    open_menu(tab)
    tab.page.locator(f"#persona-{persona}").press("Enter")
    expect_chosen(tab, persona)


def expect_chosen(tab: Tab, persona: str) -> None:
    expect(tab.page.locator(f"#persona-{persona}")).to_have_attribute("aria-current", "true")


# --- personas and what it may do ---


def test_a_chosen_persona_writes_the_next_answer_and_shows_in_all_tabs(tab: Tab, ollama: OllamaDouble) -> None:
    other = tab.second()

    choose(tab, "sober")

    for one in (tab, other):
        expect_chosen(one, "sober")
    tab.say("hello")
    tab.answered()
    assert "precise and calm" in ollama.chats[-1].body["messages"][0]["content"]
    choose(tab, "sassy")
    tab.say("hello again")
    expect(tab.messages("assistant")).to_have_count(2)
    tab.answered()
    assert "little" in ollama.chats[-1].body["messages"][0]["content"]


def test_a_broken_persona_is_marked_and_a_hostile_one_is_shown_as_text(tab: Tab) -> None:
    open_menu(tab)

    broken, hostile = tab.page.locator("#persona-broken"), tab.page.locator("#persona-hostile")
    expect(broken.locator(".badge")).to_have_attribute(
        "title", "broken.md says `words: many`. Expected a number of words."
    )
    expect(hostile).to_contain_text(PAYLOAD[:60])
    hostile.click()
    expect_chosen(tab, "hostile")
    assert tab.page.locator("#bar :is(img, script, [onerror])").count() == 0
    choose(tab, "sassy")


def test_files_that_replace_texts_of_the_prompt_are_listed_and_named_where_the_prompt_is_shown(
    tab: Tab, ollama: OllamaDouble
) -> None:
    tab.say("hello")
    tab.answered()
    assert "The list is a treasure map." in ollama.chats[-1].body["messages"][0]["content"]

    open_menu(tab)

    files = tab.page.get_by_role("list", name="Your own texts for it")
    expect(files.get_by_role("listitem").first).to_contain_text("prompts/apps/todo.md")
    expect(files.get_by_role("listitem").first).to_contain_text("in use")
    expect(files).to_contain_text("rules.md is not used, the built-in text stays: it is no text in UTF-8 (byte 0).")
    tab.page.keyboard.press("Escape")
    do_with(tab, tab.messages("assistant").last, "Why did it say this?")
    told = tab.page.get_by_role("dialog", name="Why?")
    layer = told.locator("details", has_text="The open app: todo (your file prompts/apps/todo.md)")
    layer.locator("summary").press("Enter")
    expect(layer.locator("pre")).to_contain_text(f"treasure map. {PAYLOAD}")
    expect(told.locator("details", has_text="Rules").first).not_to_contain_text("your file")


def test_asking_never_it_deletes_at_once_and_asking_always_it_proposes_a_small_change(
    tab: Tab, ollama: OllamaDouble
) -> None:
    add(tab, "milk", "bread")
    milk, bread = id_of(tab, "milk"), id_of(tab, "bread")
    ollama.play(speech(instruction(operation="delete", table="todo", id=milk)))
    open_menu(tab)
    tab.page.get_by_role("radio", name="Never").check()
    expect_stored(tab, "ask", "never")

    tab.say("no milk")

    expect(cards(tab).locator(".text")).to_have_text("Deleted “milk” from todo.")
    ollama.play(speech(instruction(operation="toggle", table="todo", id=bread, field="done")))
    open_menu(tab)
    tab.page.get_by_role("radio", name="Always").check()
    expect_stored(tab, "ask", "always")
    tab.say("bread is bought")
    expect(cards(tab, "proposed")).to_have_count(1)
    open_menu(tab)
    tab.page.get_by_role("radio", name="If risky").check()
    expect_stored(tab, "ask", "harmful")


def expect_stored(tab: Tab, key: str, value: Any) -> None:
    """Wait until a setting has a value, and the agent has heard it. (The agent hears changes in their order.)"""

    async def wait(guest: Guest) -> None:
        order = StoreOrder(verb="get", table="setting", id=key)
        while True:
            heard = await guest.bus.ask(order, "setting", id=new_id())
            if heard.message.ok and heard.message.rows[0]["value"] == value:
                return
            await guest.until(lambda heard: isinstance(heard.message, StoreChanged), after=len(guest.heard))

    tab.system.visit(wait)


def test_budgets_for_remarks_are_set_and_an_invalid_one_is_refused(tab: Tab) -> None:
    open_menu(tab)
    number = tab.page.get_by_label("Remarks per minute, at most")
    expect(number).to_have_value("12")

    number.fill("30")
    number.press("Enter")

    expect_stored(tab, "comments_per_minute", 30)
    tab.reload()
    open_menu(tab)
    expect(number).to_have_value("30")
    tab.page.evaluate("document.getElementById('budget-comments_per_minute').removeAttribute('max')")
    number.fill("9999")
    number.press("Enter")
    expect(tab.page.get_by_role("alert")).to_contain_text("Expected a number from 1 to 600")


def test_the_model_menu_shows_whether_each_model_uses_tools_or_text(tab: Tab) -> None:
    tab.page.locator("#model-menu > summary").click()
    menu = tab.page.locator("#model-menu")

    expect(menu.locator(".choice").filter(has_text="small:1b").get_by_text("text", exact=True)).to_be_visible()
    expect(menu.locator(".choice").filter(has_text="able:8b").get_by_text("tools", exact=True)).to_be_visible()
    change(tab.system, verb="update", table="setting", id="paths", values={"value": {"able:8b": "text"}})
    able = menu.locator(".choice").filter(has_text="able:8b")
    expect(able.get_by_text("text", exact=True)).to_be_attached()
    change(tab.system, verb="update", table="setting", id="paths", values={"value": {}})


# --- opening apps, the meter, summaries, remarks on demand ---


def test_the_tab_shows_the_app_that_the_assistant_opens(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(speech(instruction(operation="open", app="profiles")), speech("There you are."))

    tab.say("show me the profiles")

    expect(tab.page.locator("#app")).to_have_attribute("data-app", "profiles")
    expect(tab.page.get_by_role("alert")).to_contain_text("The assistant opened Profiles.")
    expect(cards(tab).locator(".text")).to_have_text("Opened profiles.")
    tab.page.go_back()
    expect(tab.page.locator("#app")).to_have_attribute("data-app", "todo")


def test_the_meter_shows_how_full_the_context_window_is(tab: Tab) -> None:
    meter = tab.page.get_by_role("meter", name="How full the context window is")
    expect(meter).to_be_hidden()

    tab.say("hello")
    tab.answered()

    expect(meter).to_be_visible()
    value = int(meter.get_attribute("aria-valuenow") or 0)
    assert 0 < value < 100
    words = meter.get_attribute("aria-valuetext") or ""
    assert "tokens of the context window" in words
    tab.reload()
    expect(meter).to_have_attribute("aria-valuetext", words)


def test_a_summary_is_shown_and_edited_and_the_model_reads_the_edited_one(tab: Tab, ollama: OllamaDouble) -> None:
    tab.say("hello")
    tab.answered()
    conversation = int(tab.page.locator("#chat-log").get_attribute("data-conversation") or 0)
    question = int((tab.messages("user").last.get_attribute("id") or "").removeprefix("message-"))
    written = {
        "conversation": conversation,
        "role": "assistant",
        "purpose": "note",
        "state": "done",
        "attempt": 1,
        "text": f"They said hello. {PAYLOAD}",
        "detail": {"upto": question},
    }
    change(tab.system, verb="insert", table="message", values=written)
    note = tab.page.get_by_role("article", name="Summary of older messages")
    expect(note).to_contain_text("They said hello.")
    assert note.locator(":is(img, script, [onerror])").count() == 0

    note.get_by_role("button", name="Edit the summary").press("Enter")
    text = tab.page.get_by_role("textbox", name="Summary of older messages")
    expect(text).to_be_focused()
    text.fill(f"They greeted me twice. {PAYLOAD}")
    tab.page.get_by_role("button", name="Save").press("Enter")

    expect(note).to_contain_text("They greeted me twice.")
    tab.say("what did I say?")
    expect(tab.messages("assistant")).to_have_count(3)
    tab.answered()
    told = [turn["content"] for turn in ollama.chats[-1].body["messages"]]
    assert any("They greeted me twice." in turn for turn in told)
    assert "hello" not in told


POKE = "Say something about what I am doing"


def poke(tab: Tab, ollama: OllamaDouble, text: str) -> None:
    ollama.play(speech(text))
    tab.page.get_by_role("button", name=POKE).press("Enter")
    expect(newest(tab).locator(".text")).to_have_text(text)
    expect(newest(tab)).to_have_attribute("data-state", "done")


def newest(tab: Tab) -> Locator:
    return tab.page.get_by_role("group", name="Remark")


def open_remarks(tab: Tab) -> None:
    tab.page.locator("#remarks-menu > summary").press("Enter")
    expect(tab.page.locator("#remarks-menu > .panel")).to_be_visible()


@pytest.fixture
def no_remarks(shared_system: System) -> None:
    change(shared_system, verb="delete", table="message", where={"conversation": 0})
    change(shared_system, verb="update", table="setting", id="silence", values={"value": {}})


@pytest.mark.usefixtures("no_remarks")
def test_a_remark_streams_beside_the_app_moves_nothing_and_is_answered_in_the_talk(
    tab: Tab, ollama: OllamaDouble
) -> None:
    add(tab, "milk")
    other, held = tab.second(), threading.Event()
    other.page.goto(f"{tab.base}/apps/profiles")
    places = [tab.page.locator(one).bounding_box() for one in ("#todo-list", "#chat-form", "#chat-scroll")]
    ollama.play([Say("You look "), Wait(held), Say("idle."), Done()])

    tab.page.get_by_role("button", name=POKE).press("Enter")  # in quiet mode too

    expect(newest(tab).locator(".text")).to_have_text("You look")
    expect(newest(tab).get_by_role("button", name="Answer")).to_be_hidden()
    held.set()
    expect(newest(tab)).to_have_attribute("data-state", "done")
    expect(newest(tab).locator(".text")).to_have_text("You look idle.")
    assert places == [tab.page.locator(one).bounding_box() for one in ("#todo-list", "#chat-form", "#chat-scroll")]
    expect(newest(other)).to_have_count(0)

    poke(tab, ollama, "Still idle?")
    open_remarks(tab)
    expect(tab.page.get_by_role("list", name="Earlier remarks").locator(".text")).to_have_text(["You look idle."])
    tab.page.keyboard.press("Escape")
    newest(tab).get_by_role("button", name="Answer").press("Enter")
    expect(tab.page.locator("#amendment")).to_contain_text("Answer to: Still idle?")
    tab.page.locator("#amended").evaluate("one => { one.textContent += ' and so on'.repeat(20); }")
    tab.page.set_viewport_size({"width": 360, "height": 740})
    expect(tab.page.locator("#chat-send")).to_be_in_viewport(ratio=1)
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 360
    tab.page.set_viewport_size({"width": 1280, "height": 800})
    ollama.play(speech("I see."))
    tab.say("no, I think")
    tab.answered()
    expect(tab.page.locator("#amendment")).to_be_hidden()
    expect(newest(tab).locator(".text")).to_have_text("You look idle.")
    expect(tab.page.locator("#chat-log > article .text")).to_have_text(["Still idle?", "no, I think", "I see."])
    roles = [(turn["role"], turn["content"]) for turn in ollama.chats[-1].body["messages"]][-2:]
    assert roles[0] == ("assistant", "Still idle?")
    assert roles[1][1].endswith("no, I think")
    assert "You remarked: “You look idle.”" in roles[1][1]
    dialog = ask_why(tab)
    expect(dialog).to_contain_text("you asked for a remark: a click in the page")
    tab.page.keyboard.press("Escape")

    newest(tab).get_by_role("button", name="Dismiss the remark").press("Enter")
    expect(tab.page.locator("#remarks")).to_be_hidden()
    tab.reload()
    expect(tab.page.locator("#chat-log > article")).to_have_count(3)
    expect(newest(tab)).to_have_count(0)


def ask_why(tab: Tab) -> Locator:
    """Ask why the remark in the talk was made."""
    do_with(tab, tab.page.get_by_role("article", name="Remark"), "Why did it say this?")
    dialog = tab.page.get_by_role("dialog", name="Why?")
    expect(dialog).to_be_visible()
    return dialog


@pytest.mark.usefixtures("no_remarks")
def test_remarks_are_silenced_for_an_app_for_today_and_for_good_and_allowed_again(
    tab: Tab, ollama: OllamaDouble
) -> None:
    tab.page.get_by_role("radio", name="Chatty").check()
    ollama.play(speech("Milk!"))
    add(tab, "milk")
    expect(newest(tab).locator(".text")).to_have_text("Milk!")

    for scope, listed, title in (("About todo", "About todo", "green tea"), ("Today", "Today", "black tea")):
        open_remarks(tab)
        tab.page.get_by_role("group", name="No more remarks").get_by_role("button", name=scope).press("Enter")
        expect(tab.page.get_by_role("alert")).to_contain_text("The menu Settings allows them again.")
        add(tab, title)
        open_menu(tab)
        allow = tab.page.locator("#silence").get_by_role("button", name=f"Allow remarks {listed.lower()} again")
        allow.press("Enter")
        expect(tab.page.locator("#silence")).to_be_hidden()
        tab.page.keyboard.press("Escape")
    ollama.play(speech("Bread!"))
    add(tab, "bread")
    expect(newest(tab).locator(".text")).to_have_text("Bread!")
    assert "tea" not in ollama.chats[-1].body["messages"][-1]["content"].rpartition("# Just happened")[2]

    open_remarks(tab)
    tab.page.get_by_role("button", name="For good", exact=True).press("Enter")
    expect(tab.page.get_by_role("radio", name="Quiet")).to_be_checked()


@pytest.mark.usefixtures("no_remarks")
def test_a_remark_goes_with_its_row_comes_back_with_it_and_is_found_by_search(tab: Tab, ollama: OllamaDouble) -> None:
    tab.page.get_by_role("radio", name="Chatty").check()
    ollama.play(speech("Zesty milk!"))
    add(tab, "milk")
    expect(newest(tab).locator(".text")).to_have_text("Zesty milk!")
    tab.page.get_by_role("radio", name="Quiet").check()
    expect_stored(tab, "mode", "quiet")
    poke(tab, ollama, "And now?")
    open_remarks(tab)
    earlier = tab.page.get_by_role("list", name="Earlier remarks").locator(".text")
    expect(earlier).to_have_text(["Zesty milk!"])
    milk = id_of(tab, "milk")

    change(tab.system, verb="delete", table="todo", id=milk)
    expect(earlier).to_have_count(0)
    gone = change(tab.system, verb="list", table="change", where={"subject": "todo", "row": milk}, sort="-id", limit=1)
    change(tab.system, verb="undo", table="todo", values={"change": gone[0]["id"]})
    expect(earlier).to_have_text(["Zesty milk!"])

    tab.page.goto(f"{tab.base}/apps/profiles")
    tab.connected()
    tab.page.locator("#search-input").fill("zesty")
    tab.page.get_by_role("option", name="Zesty milk!").click()
    expect(tab.page.locator("#app")).to_have_attribute("data-app", "todo")
    expect(tab.page.locator("#remarks-menu li.marked .text")).to_have_text("Zesty milk!")


def test_axe_finds_no_violation(shared_system: System, chromium: Chromium, ollama: OllamaDouble) -> None:
    empty(shared_system)
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab:
        tab.say("hello")
        tab.answered()
        open_menu(tab)

        assert violations(tab) == []

        tab.page.keyboard.press("Escape")
        for text in ("You look idle.", "Still idle?"):
            poke(tab, ollama, text)
        open_remarks(tab)
        expect(tab.page.get_by_role("list", name="Earlier remarks").locator(".text").first).to_be_visible()

        assert violations(tab) == []


OVERLAPS = """() => {
    const parts = [...document.querySelectorAll("#bar > *, #bar > .menu > summary, #controls > *")]
        .filter((part) => part.checkVisibility() && part.offsetWidth && getComputedStyle(part).position !== "fixed");
    const inside = (one, other) => one.contains(other) || other.contains(one);
    return parts.flatMap((one, place) => parts.slice(place + 1)
        .filter((other) => !inside(one, other)
            && one.getBoundingClientRect().right > other.getBoundingClientRect().left + 1
            && one.getBoundingClientRect().left < other.getBoundingClientRect().right - 1)
        .map((other) => `${one.id || one.className} overlaps ${other.id || other.className}`));
}"""


def test_nothing_overlaps_in_the_bar_however_long_the_names(tab: Tab) -> None:
    tab.page.goto(f"{tab.base}/apps/profiles")
    tab.connected()
    long = "a model with a very long name indeed:70b"
    label = "(text) => { document.querySelector('#model-menu .chosen').textContent = text; }"
    tab.page.evaluate(label, long)

    for width in (1280, 1230, 1200, 800, 390, 360):
        tab.page.set_viewport_size({"width": width, "height": 700})
        assert tab.page.evaluate(OVERLAPS) == [], width
