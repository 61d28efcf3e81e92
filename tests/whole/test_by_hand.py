"""What the user does by hand in the page: undo in this tab, drafts, and the keys of a list; in a real browser."""

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, WebSocketRoute, expect

from bus.settings import Settings, running_settings
from tests.support.assistant_page import add, change, empty, id_of
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.http_client import Visitor
from tests.support.system import System, run_apart
from web.commands.several.rows import without_marks

TITLE = "#todo-form input[name=title]"


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store", "web")
        yield made


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    empty(system)
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce") as tab:
        expect(tab.page.locator("#todo-list > li")).to_have_count(0)
        yield tab


def line(tab: Tab) -> Locator:
    """Return the line that says what was done, with Undo."""
    return tab.page.locator("#undo")


def said(tab: Tab) -> Locator:
    """Return the texts of the user's messages."""
    return tab.messages("user").locator(".text")


def leave_fields(tab: Tab) -> None:
    """Take the focus out of all fields."""
    tab.page.evaluate("document.activeElement.blur()")


def titles(tab: Tab) -> list[str]:
    return tab.page.locator("#todo-list .title").all_inner_texts()


def focused(tab: Tab) -> str:
    """Return the id of the focused element."""
    return str(tab.page.evaluate("document.activeElement.id"))


KEPT = "() => Object.keys(localStorage).some((one) => one.startsWith('pianola-draft'))"
"""Whether the browser keeps a draft."""


@contextmanager
def stopped(system: System, name: str) -> Iterator[None]:
    """Stop a process for a while."""
    system.signal(name, signal.SIGSTOP)
    try:
        yield
    finally:
        system.signal(name, signal.SIGCONT)


# --- undo ---


def test_each_change_is_offered_to_be_undone_and_ctrl_z_walks_this_tabs_own(tab: Tab):
    other = tab.second()
    add(tab, "milk", "bread")
    expect(line(tab)).to_have_text("Added “bread”Undo")
    line(tab).get_by_role("button", name="Undo").click()
    expect(line(tab)).to_have_text("Undone: Added “bread”Redo")
    expect(tab.todo("bread")).to_have_count(0)

    add(other, "tea")
    leave_fields(tab)
    tab.page.keyboard.press("Control+z")
    expect(tab.todo("milk")).to_have_count(0)
    tab.reload()
    tab.page.keyboard.press("Control+z")
    expect(line(tab)).to_have_text("Nothing (more) to undo in this tab.")
    tab.page.keyboard.press("Control+Shift+Z")
    tab.page.keyboard.press("Control+Shift+Z")
    expect(tab.todo("milk")).to_be_visible()
    expect(tab.todo("bread")).to_be_visible()
    expect(line(tab)).to_have_text("Added “bread”Undo")
    expect(tab.todo("tea")).to_be_visible()


def test_what_was_done_is_said_in_words(tab: Tab):
    add(tab, "milk", "bread")
    milk = tab.todo("milk")
    milk.get_by_role("checkbox").check()
    expect(line(tab)).to_contain_text("Ticked “milk”")
    milk.locator("[data-edit]").click()
    milk.locator("form.edit input[name=title]").fill("oat milk")
    tab.page.keyboard.press("Enter")
    expect(line(tab)).to_contain_text("Changed “oat milk”")
    tab.page.locator("#todo-list > li").first.locator("[data-move]").focus()
    tab.page.keyboard.press("Alt+ArrowDown")
    expect(line(tab)).to_contain_text("Moved “")
    tab.todo("oat milk").get_by_role("button", name="More").click()
    tab.page.locator("#row-menu-delete").click()
    expect(line(tab)).to_contain_text("Deleted “oat milk”")
    tab.open_settings()
    tab.page.locator("#theme-dark").check()
    expect(line(tab)).to_contain_text("Changed the colours")
    line(tab).get_by_role("button").click()
    expect(tab.page.locator("html")).to_have_attribute("data-theme", "")
    leave_fields(tab)
    tab.page.keyboard.press("Control+z")
    expect(tab.todo("oat milk")).to_be_visible()


def test_what_was_changed_again_since_is_asked_about(tab: Tab):
    add(tab, "milk")
    other = tab.second()
    tab.todo("milk").get_by_role("checkbox").check()
    expect(line(tab)).to_contain_text("Ticked")
    other.todo("milk").get_by_role("checkbox").uncheck()
    expect(tab.todo("milk").get_by_role("checkbox")).not_to_be_checked()
    line(tab).get_by_role("button", name="Undo").click()
    question = tab.page.get_by_role("dialog", name="Changed again since")
    question.get_by_role("button", name="Undo the newer one first, then this").click()
    expect(line(tab)).to_have_text("Undid 2 changesUndo")
    leave_fields(tab)
    tab.page.keyboard.press("Control+z")
    tab.page.keyboard.press("Control+z")
    expect(tab.todo("milk")).to_have_count(0)


def test_in_a_text_field_ctrl_z_is_the_browsers(tab: Tab):
    add(tab, "milk")
    tab.page.locator(TITLE).press_sequentially("bre")
    tab.page.keyboard.press("Control+z")
    expect(tab.page.locator(TITLE)).not_to_have_value("bre")
    expect(tab.todo("milk")).to_be_visible()


def test_the_line_goes_after_some_seconds_but_not_while_the_keyboard_is_on_it(tab: Tab):
    tab.page.clock.install()
    tab.reload()
    add(tab, "milk")
    expect(tab.page.locator(TITLE)).to_be_focused()
    line(tab).get_by_role("button").focus()
    tab.page.keyboard.press("Shift")
    tab.page.clock.run_for(20_000)
    expect(line(tab)).to_be_visible()
    tab.page.focus(TITLE)
    tab.page.clock.run_for(9_000)
    expect(line(tab)).to_be_hidden()


def test_ctrl_z_undoes_what_was_done_just_before_also_when_the_store_is_slow(tab: Tab):
    add(tab, "milk", "bread")
    with stopped(tab.system, "store"):
        tab.todo("milk").get_by_role("checkbox").check()
        leave_fields(tab)
        tab.page.keyboard.press("Control+z")

    expect(line(tab)).to_have_text("Undone: Ticked “milk”Redo")
    expect(tab.todo("milk")).not_to_have_attribute("data-done", "")
    assert titles(tab) == ["milk", "bread"]


# --- drafts ---


def hold_drafts(tab: Tab) -> Callable[[], None]:
    """Load the script of drafts only when the function that this returns is called."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    def let_go() -> None:
        assert held, "nothing has asked for the script of drafts"
        for route in held:
            route.continue_()

    tab.page.route("**/drafts*.js", hold)
    return let_go


def test_what_is_typed_after_a_first_question_stays_also_when_drafts_load_late(tab: Tab):
    let_go = hold_drafts(tab)
    with stopped(tab.system, "store"):
        tab.page.fill("#chat-input", "first question")
        tab.page.press("#chat-input", "Enter")
        let_go()
        tab.page.locator("#chat-input").press_sequentially("more about it")
        tab.page.wait_for_function(KEPT)
    expect(said(tab)).to_have_text(["first question"])
    expect(tab.page.locator("#chat-input")).to_have_value("more about it")


def test_an_edit_that_was_saved_before_drafts_were_loaded_stays_closed_beside_another_tabs_draft(tab: Tab):
    add(tab, "milk")
    tab.reload()  # the script is not there any more
    other, open_form = tab.second(), "form.edit:not([hidden])"
    let_go = hold_drafts(tab)
    for one, text in ((other, "soy milk"), (tab, "oat milk")):
        one.todo("milk").locator(".title").dblclick()
        expect(one.page.locator(f"{open_form} input").first).to_be_focused()
        one.page.keyboard.type(text)
    other.page.wait_for_function(KEPT)
    with stopped(tab.system, "store"):
        tab.page.keyboard.press("Enter")
        let_go()
        tab.page.fill(TITLE, "half a row")
        other.page.wait_for_function("() => Object.values(localStorage).some((one) => one.includes('half a row'))")
    expect(tab.todo("oat milk")).to_have_count(1)
    change(tab.system, verb="insert", table="todo", values={"title": "tea"})
    expect(tab.todo("tea")).to_have_count(1)

    expect(tab.page.locator(open_form)).to_have_count(0)


def test_a_space_that_is_typed_before_the_form_has_come_ticks_nothing(tab: Tab):
    add(tab, "milk")
    with stopped(tab.system, "store"):
        tab.todo("milk").locator(".title").dblclick()
        tab.page.keyboard.type("oat milk, x")
    expect(tab.page.locator("form.edit:not([hidden]) input").first).to_have_value("oat milk, x")
    tab.page.keyboard.press("Enter")
    expect(tab.todo("oat milk, x")).not_to_have_attribute("data-done", "")


def test_drafts_survive_a_reload_and_stand_in_other_tabs_until_they_are_sent(tab: Tab):
    other = tab.second()
    tab.page.fill("#chat-input", "half a thought")
    tab.page.fill(TITLE, "half a row")
    expect(other.page.locator("#chat-input")).to_have_value("half a thought")
    expect(other.page.locator(TITLE)).to_have_value("half a row")
    tab.reload()
    expect(tab.page.locator("#chat-input")).to_have_value("half a thought")
    expect(tab.page.locator(TITLE)).to_have_value("half a row")

    tab.page.press(TITLE, "Enter")
    tab.page.press("#chat-input", "Enter")
    expect(said(tab)).to_have_text(["half a thought"])
    expect(other.page.locator("#chat-input")).to_have_value("")
    expect(other.page.locator(TITLE)).to_have_value("")
    tab.reload()
    expect(tab.page.locator("#chat-input")).to_have_value("")
    expect(tab.page.locator(TITLE)).to_have_value("")


def test_each_conversation_has_a_draft_of_its_own(tab: Tab):
    tab.page.fill("#chat-input", "first question")
    tab.page.press("#chat-input", "Enter")
    tab.page.locator("#chat-input").press_sequentially("more about it")
    expect(said(tab)).to_have_text(["first question"])
    expect(tab.page.locator("#chat-input")).to_have_value("more about it")

    tab.page.locator("#new-conversation").click()
    expect(tab.messages("user")).to_have_count(0)
    expect(tab.page.locator("#chat-input")).to_have_value("")
    tab.page.fill("#chat-input", "something else")
    tab.page.locator("#conversation-menu > summary").click()
    tab.page.locator("#conversation-menu .choice", has_text="first question").first.click()
    expect(said(tab)).to_have_text(["first question"])
    expect(tab.page.locator("#chat-input")).to_have_value("more about it")


def test_an_edit_is_kept_over_a_reload_and_says_that_the_row_has_changed_since(tab: Tab):
    add(tab, "milk")
    key = id_of(tab, "milk")
    tab.todo("milk").locator("[data-edit]").click()
    field = tab.page.locator(f"#todo-row-{key}-edit-title")
    field.fill("oat milk")
    tab.page.wait_for_function(KEPT)
    tab.reload()
    expect(field).to_have_value("oat milk")
    expect(tab.page.locator("#notices")).to_be_empty()

    change(tab.system, verb="update", table="todo", id=key, values={"title": "soy milk"})
    expect(tab.page.locator(f"#todo-row-{key}-title")).to_have_text("soy milk")
    tab.reload()
    expect(field).to_have_value("oat milk")
    expect(tab.page.locator("#notices")).to_contain_text("has changed since you began")
    field.press("Enter")
    tab.page.get_by_role("button", name="Keep mine").click()
    expect(tab.page.locator(f"#todo-row-{key}-title")).to_have_text("oat milk")
    tab.reload()
    expect(field).to_be_hidden()


def test_a_draft_that_waits_for_the_server_is_sent_once_and_gone(tab: Tab):
    away = [True]

    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        route.on_message(lambda message: None if away[0] and '"say"' in str(message) else server.send(message))

    tab.page.route_web_socket("**/ws?*", pass_on)
    tab.reload()
    tab.page.fill("#chat-input", "are you there?")
    tab.page.press("#chat-input", "Enter")
    expect(tab.page.locator("#chat-input")).to_have_value("")
    tab.reload()
    expect(tab.page.locator("#chat-input")).to_have_value("")
    away[0] = False
    tab.reload()
    expect(said(tab)).to_have_text(["are you there?"])
    tab.page.wait_for_function("() => !Object.keys(localStorage).some((one) => one.startsWith('pianola-draft'))")


def test_a_draft_of_200_000_characters_is_kept(tab: Tab):
    tab.page.fill("#chat-input", "x" * 200_000)
    tab.page.wait_for_function(KEPT)
    tab.reload()
    expect(tab.page.locator("#chat-input")).to_have_value(re.compile("^x{200000}$"))  # the script of drafts comes late
    tab.page.fill("#chat-input", "")


@pytest.mark.parametrize(
    "storage",
    [
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no') }})",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }",
    ],
    ids=["forbidden", "full"],
)
def test_without_storage_one_sentence_is_said_and_the_page_goes_on(tab: Tab, storage: str):
    tab.page.add_init_script(storage)
    tab.reload()
    tab.page.fill("#chat-input", "half a thought")
    expect(tab.page.locator("#notices")).to_contain_text("keeps no drafts")
    tab.page.fill(TITLE, "half a row")
    add(tab, "milk")
    expect(tab.page.locator("#notices > *")).to_have_count(1)


# --- the focus ---


def test_a_field_that_is_left_just_after_a_change_does_not_get_the_focus_back(tab: Tab):
    tab.page.focus(TITLE)
    leaves = "() => document.addEventListener('htmx:wsAfterMessage', () => document.activeElement.blur(), {once: true})"
    tab.page.evaluate(leaves)
    change(tab.system, verb="insert", table="todo", values={"title": "bread"})
    expect(tab.todo("bread")).to_have_count(1)
    tab.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert focused(tab) == ""


# --- the keys of a list ---


def test_a_list_is_worked_through_by_keyboard_alone(tab: Tab):
    add(tab, "one", "two", "three", "four")
    order = titles(tab)
    leave_fields(tab)
    tab.page.keyboard.press("j")
    tab.page.keyboard.press("ArrowDown")
    expect(tab.todo(order[1])).to_be_focused()
    tab.page.keyboard.press("Space")
    expect(tab.todo(order[1]).get_by_role("checkbox")).to_be_checked()
    expect(tab.todo(order[1])).to_be_focused()
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.type("second")
    tab.page.keyboard.press("Enter")
    expect(tab.todo("second")).to_be_visible()
    tab.todo("second").focus()
    tab.page.keyboard.press("Delete")
    expect(tab.todo("second")).to_have_count(0)
    expect(tab.todo(order[2])).to_be_focused()

    tab.page.keyboard.press("k")
    tab.page.keyboard.press("Shift+ArrowDown")
    bar = tab.page.get_by_role("toolbar", name="Selected rows")
    expect(bar).to_contain_text("2 selected")
    tab.page.keyboard.press("Alt+ArrowDown")
    expect(tab.page.locator("#todo-list .title")).to_have_text([order[3], order[0], order[2]])
    tab.page.keyboard.press("Delete")
    expect(line(tab)).to_contain_text("Deleted 2 rows")
    expect(bar).to_be_hidden()
    tab.page.keyboard.press("Control+z")
    expect(tab.page.locator("#todo-list > li")).to_have_count(3)


def test_axe_finds_nothing_while_rows_are_selected_and_an_undo_is_offered(tab: Tab):
    add(tab, "milk")
    tab.todo("milk").focus()
    tab.page.keyboard.press("x")
    expect(tab.page.get_by_role("toolbar", name="Selected rows")).to_be_visible()
    line(tab).get_by_role("button").focus()  # so it stays
    assert violations(tab) == []
    expect(line(tab)).to_be_visible()


def test_selected_rows_are_ticked_exported_and_asked_about(tab: Tab):
    add(tab, "one", "two", "three")
    for title in ("one", "three"):
        tab.todo(title).focus()
        tab.page.keyboard.press("x")
    bar = tab.page.get_by_role("toolbar", name="Selected rows")
    bar.get_by_role("button", name="Tick").click()
    expect(line(tab)).to_contain_text("Changed 2 rows")
    expect(tab.page.locator("#todo-list > li[data-done]")).to_have_count(2)
    with tab.page.expect_download() as download:
        bar.get_by_role("button", name="Export").click()
    text = download.value.path().read_text("utf-8-sig")
    assert [title in text for title in ("one", "two", "three")] == [True, False, True]
    bar.get_by_role("button", name="Ask about these").click()
    expect(tab.page.locator("#chat-input")).to_be_focused()
    assert sorted(tab.page.input_value("#chat-input").splitlines()) == ["", "> one", "> three"]
    tab.page.fill("#chat-input", "")


def test_rows_are_selected_without_a_keyboard(system: System, chromium: Chromium):
    empty(system)
    with chromium.visit(system, has_touch=True, is_mobile=True, reduced_motion="reduce") as tab:
        add(tab, "milk", "bread", "tea")
        bar = tab.page.get_by_role("toolbar", name="Selected rows")
        tab.todo("milk").get_by_role("button", name="More").tap()
        tab.page.get_by_role("menuitem", name="Select").tap()
        expect(bar).to_contain_text("1 selected")
        tab.todo("bread").locator(".title").tap()
        tab.todo("tea").locator(".title").tap()
        expect(bar).to_contain_text("3 selected")
        tab.todo("tea").locator(".title").tap()
        expect(bar).to_contain_text("2 selected")

        bar.get_by_role("button", name="Delete").tap()

        expect(tab.page.locator("#todo-list > li .title")).to_have_text(["tea"])
        expect(bar).to_be_hidden()


def test_the_focus_is_never_lost_when_rows_go(tab: Tab):
    add(tab, "one", "two")
    tab.todo("two").focus()
    change(tab.system, verb="delete", table="todo", id=id_of(tab, "two"))
    expect(tab.todo("one")).to_be_focused()
    tab.page.keyboard.press("Delete")
    expect(tab.page.locator("#todo-list > li")).to_have_count(0)
    expect(tab.page.locator(TITLE)).to_be_focused()


def test_the_focus_stays_where_it_was_or_near_it_when_parts_are_replaced_hidden_or_closed(tab: Tab):
    other = tab.second()
    menu = tab.page.locator("#settings-menu")
    menu.locator("summary").first.focus()
    tab.page.keyboard.press("Enter")
    persona = menu.locator("#profiles-link")
    persona.focus()
    other.open_settings()
    other.page.locator("#theme-dark").check()
    expect(tab.page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(persona).to_be_focused()
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#app-title")).to_have_text("Profiles")
    expect(menu.locator("summary").first).to_be_focused()
    tab.page.evaluate("document.getElementById('help-button').click()")
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("dialog", name="Help")).to_be_hidden()
    expect(menu.locator("summary").first).to_be_focused()
    other.page.locator("#theme-system").check()


@pytest.mark.parametrize("composing", ["isComposing: true", "keyCode: 229"])
def test_no_key_belongs_to_the_page_while_an_input_method_composes(tab: Tab, composing: str):
    add(tab, "milk")
    tab.todo("milk").locator("[data-edit]").click()
    field = tab.page.locator(f"#todo-row-{id_of(tab, 'milk')}-edit-title")
    field.fill("牛乳")
    for selector, key in ((f"#{focused(tab)}", "Escape"), ("#chat-input", "Enter")):
        tab.page.fill(selector, "牛乳")
        init = f"{{key: '{key}', bubbles: true, cancelable: true, {composing}}}"
        script = f"field => field.dispatchEvent(new KeyboardEvent('keydown', {init}))"
        assert tab.page.eval_on_selector(selector, script), "the key was taken"
    expect(field).to_have_value("牛乳")
    expect(tab.page.locator("#chat-input")).to_have_value("牛乳")
    tab.page.fill("#chat-input", "")


SCROLLING = """dialog => [dialog, ...dialog.querySelectorAll("*")].filter(
  (one) => one.scrollHeight > one.clientHeight && /auto|scroll/.test(getComputedStyle(one).overflowY)
).length"""
"""How many parts of a dialog scroll."""


def test_all_settings_show_what_is_in_force_and_a_change_is_undone(tab: Tab):
    page = tab.page
    shown = page.get_by_role("dialog", name="All settings")

    def open_it() -> None:
        tab.open_settings()
        page.get_by_role("button", name="All settings …").click()
        expect(shown.get_by_role("heading", name="Need a restart")).to_be_visible()

    open_it()
    for one in fields(Settings)[:-1]:
        expect(shown.get_by_role("article", name=one.name, exact=True)).to_have_count(1)
    assert shown.locator("input").count() == len(running_settings())
    assert shown.evaluate(SCROLLING) == 1
    backups = shown.get_by_role("article", name="backup_days")
    expect(backups).to_contain_text("Default: 14")
    expect(shown.get_by_role("article", name="log_format")).to_contain_text("text")
    assert violations(tab) == []
    backups.locator("input").fill("0")
    backups.locator("input").press("Enter")
    expect(backups.get_by_role("button", name="Back to 14")).to_be_visible()
    expect(backups.locator("input")).to_have_value("0")
    shown.get_by_role("article", name="history_days").locator("input").fill("0")
    shown.get_by_role("article", name="history_days").locator("input").press("Enter")
    refused = "PIANOLA_HISTORY_DAYS='0' is not a positive number. Default: 365"
    expect(shown.get_by_role("alert")).to_contain_text(refused)
    shown.get_by_role("button", name="Close").click()

    expect(line(tab)).to_contain_text("Changed how long backups are kept")
    leave_fields(tab)
    page.keyboard.press("Control+z")
    expect(line(tab)).to_contain_text("Undone: Changed how long backups are kept")
    open_it()
    expect(backups.locator("input")).to_have_value("14")
    expect(backups.get_by_role("button")).to_have_count(0)


def test_the_help_lists_every_key(tab: Tab):
    leave_fields(tab)
    tab.page.keyboard.press("?")
    keys = tab.page.get_by_role("dialog", name="Help").locator("#keys-list")
    for words in (
        "undo what you did last in this tab",
        "go to the next row",
        "select the row",
        "write to the assistant",
    ):
        expect(keys).to_contain_text(words)
    expect(keys.locator("dt", has_text="Alt + ↓")).to_have_count(1)


def test_lines_that_are_pasted_become_rows_which_one_undo_takes_back(tab: Tab, system: System, chromium: Chromium):
    empty(system)
    with chromium.visit(system, permissions=["clipboard-read", "clipboard-write"]) as tab:
        tab.page.evaluate("navigator.clipboard.writeText('milk\\n\\nbread\\n  tea ')")
        tab.page.press(TITLE, "Control+v")
        tab.page.get_by_role("dialog", name="Add a row for each line?").get_by_role("button", name="Add 3").click()
        expect(line(tab)).to_contain_text("Added 3 rows")
        expect(tab.page.locator("#todo-list > li")).to_have_count(3)
        line(tab).get_by_role("button", name="Undo").click()
        expect(tab.page.locator("#todo-list > li")).to_have_count(0)


def test_pasted_lines_lose_the_marks_of_a_list():
    marked = ["- plums", "* [ ] figs", "• [x] tea", "7 up", "3. not all have one"]
    assert without_marks(marked) == ["plums", "figs", "tea", "7 up", "3. not all have one"]
    assert without_marks(["1. plums", "2) - figs"]) == ["plums", "figs"]


# --- links, dragging, files, and the divider ---


def test_a_link_in_a_title_is_followed_and_beside_it_the_title_is_edited(tab: Tab):
    add(tab, "read https://example.org/scores, then play")
    row = tab.todo("then play")
    link = row.get_by_role("link", name="https://example.org/scores")
    expect(link).to_have_attribute("target", "_blank")
    link.focus()
    enter = "link => link.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}))"
    assert link.evaluate(enter), "the page took the key that follows the link"
    row.locator(".title").dblclick(position={"x": 5, "y": 10})
    expect(row.locator("form.edit input[name=title]")).to_have_value("read https://example.org/scores, then play")
    tab.page.keyboard.press("Escape")


def test_a_row_is_dragged_by_its_handle_with_a_finger(system: System, chromium: Chromium):
    empty(system)
    with chromium.visit(system, has_touch=True, reduced_motion="reduce") as tab:
        add(tab, "one", "two", "three")
        order = titles(tab)
        touch = tab.page.context.new_cdp_session(tab.page)
        places = [tab.todo(title).locator("[data-move]").bounding_box() for title in (order[0], order[2])]
        (x, y), (_, end) = [(place["x"] + 10, place["y"] + 14) for place in places if place]
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for step in range(1, 13):
            point = {"x": x, "y": y + (end + 6 - y) * step / 12}
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        expect(tab.page.locator("#todo-list .title")).to_have_text([order[1], order[2], order[0]])
        expect(line(tab)).to_contain_text(f"Moved “{order[0]}”")


def drop(tab: Tab, *files: Path) -> None:
    """Drop files on the page, as from a file manager."""
    data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
    mouse = tab.page.context.new_cdp_session(tab.page)
    for kind in ("dragEnter", "dragOver", "drop"):
        mouse.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})


def made(file: Path, data: str | bytes) -> Path:
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return file


def test_a_table_that_is_dropped_is_previewed_and_a_text_stands_in_the_message(tab: Tab, tmp_path: Path):
    drop(tab, made(tmp_path / "list.csv", "title\nmilk\nbread\n"))
    dialog = tab.page.get_by_role("dialog", name="Import")
    expect(dialog.locator(".import").first).to_contain_text("2 rows would be added")
    dialog.locator(".import").first.get_by_role("button", name="Cancel").click()
    tab.page.keyboard.press("Escape")
    drop(tab, made(tmp_path / "rows.json", '[{"title": "tea"}]'))
    expect(dialog.locator(".import").first).to_contain_text("1 row would be added")
    dialog.locator(".import").first.get_by_role("button", name="Cancel").click()
    tab.page.keyboard.press("Escape")

    tab.page.fill("#chat-input", "what is this?")
    drop(tab, made(tmp_path / "notes.md", "# Tuning\r\n\r\nA is 440 Hz.\n"))
    quotation = "> notes.md:\n> # Tuning\n>\n> A is 440 Hz.\n\nwhat is this?"
    expect(tab.page.locator("#chat-input")).to_have_value(quotation)
    expect(tab.page.locator("#chat-input")).to_be_focused()
    tab.page.fill("#chat-input", "")


DROPPED = {
    "photo.png": (b"\x89PNG\r\n\x1a\n\0\0", "neither a table nor a text (image/png)"),
    "book.xlsx": (b"PK\3\4", "is a workbook, which cannot be read yet. Save it as CSV"),
    "empty.txt": (b"", "“empty.txt” is empty: it has 0 bytes"),
    "long.txt": (b"x" * 20_001, "has 20,001 bytes, and at most 20,000 characters"),
    "longer.txt": ("ж" * 70_000, "has 140,000 bytes, and at most 20,000 characters"),
}


def test_what_cannot_be_taken_is_answered_in_a_sentence(tab: Tab, tmp_path: Path):
    notice = tab.page.locator("#notices > .notice")
    for name, (data, words) in DROPPED.items():
        drop(tab, made(tmp_path / name, data))
        expect(notice).to_contain_text(words)
        notice.click()
    drop(tab, tmp_path / "photo.png", tmp_path / "book.xlsx")
    expect(notice).to_contain_text("2 files were dropped, and none was taken: drop one at a time.")
    notice.click()
    drop(tab, tmp_path)
    expect(notice).to_contain_text(f"“{tmp_path.name}” is a folder, which cannot be read yet.")
    notice.click()
    expect(tab.page.locator("#chat-input")).to_have_value("")


def test_the_divider_is_moved_by_keyboard_and_mouse_and_its_place_is_kept(tab: Tab):
    divider = tab.page.get_by_role("separator", name="Divider between the app and the chat")
    app, chat = tab.page.locator("#app"), tab.page.locator("#chat")
    boxes = [one.bounding_box() for one in (app, chat)]
    assert len({(box["y"], box["height"]) for box in boxes if box}) == 1, boxes  # side by side
    divider.focus()
    expect(divider).to_have_attribute("aria-valuetext", "The app has 51 percent")
    tab.page.keyboard.press("ArrowLeft")
    expect(divider).to_have_attribute("aria-valuenow", "49")
    tab.page.keyboard.press("End")
    expect(chat).to_be_hidden()
    tab.reload()
    expect(chat).to_be_hidden()
    expect(divider).to_have_attribute("aria-valuetext", "Only the app")
    tab.page.keyboard.press("/")
    expect(tab.page.locator("#chat-input")).to_be_focused()
    divider.focus()
    tab.page.keyboard.press("Home")
    expect(app).to_be_hidden()
    assert violations(tab) == []
    divider.focus()  # a phone, on which axe looked at the page as well, has no divider
    tab.page.keyboard.press("Enter")
    expect(app).to_be_visible()

    place = divider.bounding_box()
    assert place
    tab.page.mouse.move(place["x"] + 6, 400)
    tab.page.mouse.down()
    tab.page.mouse.move(500, 400, steps=4)
    tab.page.mouse.up()
    expect(divider).to_have_attribute("aria-valuenow", "39")
    tab.reload()
    expect(divider).to_have_attribute("aria-valuenow", "39")
    width = app.bounding_box()
    assert width
    assert 480 < width["width"] < 520
    divider.dblclick()
    expect(divider).to_have_attribute("aria-valuenow", "51")


BAD = {
    "no orders": ("undo-own", {"orders": "", "way": "undo", "words": "x"}, "names 0 orders"),
    "many orders": ("undo-own", {"orders": "x " * 101, "way": "undo", "words": "x"}, "names 101 orders"),
    "another way": ("undo-own", {"orders": "x", "way": "sideways", "words": "x"}, "Expected one of: undo, redo"),
    "no list of ids": ("rows-delete", {"table": "todo", "ids": "7"}, "Expected 1 to 1,000 ids"),
    "ids that are no numbers": ("rows-tick", {"table": "todo", "ids": '["x"]', "field": "done"}, "whole numbers"),
    "a field that is not there": ("rows-tick", {"table": "todo", "ids": '["1"]', "field": "x"}, "is yes or no"),
    "rows that are gone": ("rows-tick", {"table": "todo", "ids": '["999999"]', "field": "done"}, "any more"),
    "a table of the core": ("rows-delete", {"table": "message", "ids": '["1"]'}, "cannot be changed here"),
    "too many lines": ("rows-insert", {"table": "todo", "lines": "x\n" * 1_001}, "1,001 lines. At most 1,000"),
}


def test_what_no_page_sends_is_refused_in_a_sentence(system: System):
    async def play() -> None:
        async with Visitor(system).tab() as tab:
            for name, (do, values, words) in BAD.items():
                assert words in await tab.command(do, **values), name
            assert await tab.command("undo-own", orders="no-such-order", way="undo", words="Added “x”") == ""
            made = {"table": "todo", "title": "twice", "nonce": "nonce-of-an-insert"}
            assert await tab.command("insert", **made) == ""
            again = {"orders": "insert-nonce-of-an-insert", "way": "undo", "words": "x", "nonce": "nonce-of-an-undo"}
            for _ in range(2):  # a command is sent again after a reconnect
                assert await tab.command("undo-own", **again) == ""
            await tab.until(lambda _: tab.frames.count("^undo undo-own-nonce-of-an-undo\nx") == 2)
            assert any("undone already" in frame and "Added “x”" in frame for frame in tab.frames)

    run_apart(play())


# --- paper ---


def printed(tab: Tab, key: str) -> Page:
    """Press Ctrl+P in an element, and return the page for paper that opens."""
    with tab.page.expect_popup() as opened:
        tab.page.locator(key).press("Control+p")
    opened.value.wait_for_function("globalThis.printed")
    return opened.value


def test_ctrl_p_prints_the_list_or_the_conversation(tab: Tab):
    tab.page.context.add_init_script("globalThis.print = () => { globalThis.printed = true; }")
    add(tab, "milk", "bread")
    tab.todo("milk").get_by_role("checkbox").check()
    tab.page.fill("#chat-input", "See [the score](https://music.example/a) and https://music.example/b")
    tab.page.press("#chat-input", "Enter")
    expect(said(tab)).to_have_count(1)

    rows, talk = printed(tab, TITLE), printed(tab, "#chat-input")

    expect(rows.locator("tbody tr")).to_have_text(["☑milk", "☐bread"])
    expect(rows.locator("th:visible")).to_have_text(["Done", "Title"])
    expect(talk.locator("article .text")).to_contain_text("the score")
    tab.page.locator("#actions-menu > summary").click()
    tab.page.get_by_role("link", name="Open", exact=False).first.click()
    expect(tab.page.locator("#print-app")).to_have_attribute("href", "/print/apps/todo?done=no")


def test_the_page_itself_is_printed_black_on_white_without_controls(tab: Tab):
    add(tab, "milk")
    tab.open_settings()
    tab.page.locator("#theme-matrix").check()
    tab.page.keyboard.press("Escape")

    tab.page.emulate_media(media="print")

    controls = "button, summary, input:not([type=checkbox]), textarea"
    shown = f"[...document.querySelectorAll('{controls}')].filter((one) => one.checkVisibility()).length"
    assert tab.page.evaluate(shown) == 0
    expect(tab.todo("milk")).to_have_css("color", "rgb(0, 0, 0)")
    expect(tab.page.locator("#app")).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    expect(tab.page.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
    tab.page.emulate_media(media="screen")
    tab.open_settings()
    tab.page.locator("#theme-light").check()
