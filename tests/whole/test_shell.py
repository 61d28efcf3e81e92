"""The page around the apps: menus, filters, long lists, edit conflicts, broken apps; in a real browser."""

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from bus.messages import StoreChanged, StoreOrder
from store.file.text_index import add_functions
from tests.support.axe import violations
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.installed_apps import BOOKS, BROKEN, CARDS, MOODY, install
from tests.support.ollama_double import Done, OllamaDouble, Say, Step, Tell, Wait, speech
from tests.support.system import Guest, System, message_of

MANY = 100_000


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


@pytest.fixture(scope="module")
def house(ollama: OllamaDouble, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The whole system, with apps that pip installed, one of them broken."""
    folder = install(tmp_path_factory.mktemp("side"), books=BOOKS, rusty=BROKEN, moody=MOODY, cards=CARDS)
    with System({"OLLAMA_HOST": ollama.url, "PYTHONPATH": folder}) as system:
        system.start(*EVERYTHING)
        order(system, verb="update", table="setting", id="mode", values={"value": "quiet"})
        yield system


@pytest.fixture
def tab(house: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab with todo open, in a profile of its own and no conversation."""
    profile = order(house, verb="insert", table="profile", values={"name": "Fresh"})[0]["id"]
    for key, value in {"profile": profile, "conversation": 0, "app": "todo"}.items():
        order(house, verb="update", table="setting", id=key, values={"value": value})
    with chromium.visit(house) as tab:
        yield tab


def order(system: System, **fields: Any) -> list[dict[str, Any]]:
    """Send an order to the store, with the actor system unless another is given. Return the rows."""

    async def ask(guest: Guest) -> list[dict[str, Any]]:
        asked = StoreOrder(**{"actor": "system", **fields})
        heard = await guest.bus.ask(asked, asked.table)
        assert heard.message.ok, heard.message.error
        rows: list[dict[str, Any]] = heard.message.rows
        return rows

    return system.visit(ask)


def setting(system: System, key: str, default: Any = None) -> Any:
    rows = order(system, verb="list", table="setting", where={"id": key})
    return rows[0]["value"] if rows else default


def insert(system: System, table: str, *rows: dict[str, Any], actor: str = "user") -> list[dict[str, Any]]:
    """Insert rows in one order. Return them."""
    orders = [{"verb": "insert", "table": table, "values": row} for row in rows]
    return order(system, verb="batch", table=table, values={"orders": orders}, actor=actor)


def todos(tab: Tab, *titles: str, actor: str = "user") -> list[dict[str, Any]]:
    """Insert todos into the profile in view, and wait until they are in the page."""
    profile = setting(tab.system, "profile", 1)
    made = insert(tab.system, "todo", *({"title": title, "profile": profile} for title in titles), actor=actor)
    expect(tab.todo(titles[-1])).to_be_attached()
    return made


def titles(tab: Tab, table: str = "todo") -> Locator:
    return tab.page.locator(f"#{table}-list > li .title")


def choose(tab: Tab, menu: str, entry: str) -> None:
    """Choose an entry of a menu of the top bar."""
    tab.page.locator(f"#{menu}-menu > summary").click()
    tab.page.locator(f"#{menu}-menu .choice").filter(has_text=entry).click()


# --- apps and profiles ---


def test_apps_and_profiles_are_switched_while_an_answer_streams(tab: Tab, ollama: OllamaDouble) -> None:
    written, go_on = threading.Event(), threading.Event()
    ollama.play([Say("One, "), Tell(written), Wait(go_on), Say("two."), Done()])
    todos(tab, "here")
    tab.say("count")
    expect(tab.answer().locator(".text")).to_have_text("One, ")
    tab.answer().evaluate("article => { article.isTheSame = true }")

    choose(tab, "app", "Books")
    expect(tab.page.locator("#book-form")).to_be_visible()
    tab.is_at("/apps/books")
    expect(tab.page).to_have_title("Answering … · Books · Pianola")
    choose(tab, "profile", "Me")
    expect(tab.page.locator("#profile-menu > summary")).to_have_text("Me")
    tab.page.go_back()
    expect(tab.page).to_have_title("Answering … · Todo · Pianola")
    expect(tab.page.locator("#todo-form")).to_be_visible()
    expect(titles(tab).filter(has_text="here")).to_have_count(0)

    assert tab.answer().evaluate("article => article.isTheSame")
    go_on.set()
    assert tab.answered() == "One, two."


def test_the_assistant_acts_in_the_app_of_the_tab_and_opens_another_one_when_asked(
    tab: Tab, ollama: OllamaDouble
) -> None:
    other = tab.second()
    choose(other, "app", "Books")
    expect(other.page.locator("#book-form")).to_be_visible()

    ollama.play(instruction('{"operation": "insert", "table": "todo", "values": {"title": "milk"}}'))
    tab.say("add milk")
    expect(tab.todo("milk")).to_be_visible()

    ollama.play(instruction('{"operation": "open", "app": "books"}'))
    tab.say("open the books")
    expect(tab.page.locator("#book-form")).to_be_visible()
    tab.is_at("/apps/books")


def instruction(text: str) -> list[Step]:
    return speech(f"As you wish.\n\n```json\n{text}\n```")


def test_the_menu_of_apps_counts_open_rows_of_the_profile_in_view(tab: Tab, house: System) -> None:
    todos(tab, "one", "two", "three")
    insert(house, "book", {"title": "Emma"})
    other = tab.second()
    for one in (tab, other):
        expect(tally(one, "todo")).to_have_text("3")
        expect(tally(one, "books")).to_have_text("1")

    tab.todo("two").get_by_role("checkbox").check()
    for one in (tab, other):
        expect(tally(one, "todo")).to_have_text("2")
    tab.reload()
    for one in (tab, other):
        expect(tally(one, "todo")).to_have_text("2")

    order(house, verb="insert", table="profile", values={"name": "Empty"})
    choose(tab, "profile", "Empty")
    for one in (tab, other):
        expect(tally(one, "todo")).to_have_text("0")
    expect(tally(tab, "journal")).to_have_count(1)
    expect(tally(tab, "journal")).to_be_empty()


def tally(tab: Tab, app: str) -> Locator:
    return tab.page.locator(f"#tally-{app}")


def test_the_last_app_and_profile_are_there_again_after_a_restart(tab: Tab, house: System) -> None:
    todos(tab, "in this profile")
    tab.page.goto(f"{tab.base}/apps/books")
    tab.connected()
    expect(tab.page.locator("#book-form")).to_be_visible()
    wait_for_setting(house, "app", "books")
    tab.page.goto("about:blank")

    for name in ("web", "store"):
        house.stop(name)
    house.start("store", "web")

    tab.page.goto(f"{tab.base}/")
    tab.connected()
    expect(tab.page.locator("#book-form")).to_be_visible()
    tab.is_at("/apps/books")
    choose(tab, "app", "Todo")
    expect(titles(tab)).to_have_text(["in this profile"])


def wait_for_setting(system: System, key: str, value: Any) -> None:
    """Wait until a setting has this value: look once, then listen for changes."""

    async def until(guest: Guest) -> None:
        if (await guest.bus.ask(StoreOrder(verb="get", table="setting", id=key), "setting")).message.rows[0][
            "value"
        ] != value:
            await guest.until(message_of(StoreChanged, table="setting", id=key))

    system.visit(until)


def test_a_profile_that_is_deleted_elsewhere_is_replaced_by_another_with_a_notice(tab: Tab, house: System) -> None:
    todos(tab, "of the old profile")
    gone = setting(house, "profile")

    order(house, verb="delete", table="profile", id=gone)

    expect(tab.page.get_by_role("alert")).to_contain_text("The profile “Fresh” was deleted. “Me” is shown now.")
    expect(tab.page.locator("#profile-menu > summary")).to_have_text("Me")
    expect(tab.todo("of the old profile")).to_have_count(0)
    tab.add("goes on")
    expect(tab.todo("goes on")).to_be_visible()


# --- filters ---


def test_a_filter_belongs_to_its_tab_and_its_address_and_counts_live(tab: Tab) -> None:
    todos(tab, "one", "two", "three")
    other = tab.second()
    filters = tab.page.locator("#todo-filters a")

    tab.page.get_by_role("link", name="Open").click()
    tab.is_at("/apps/todo?done=no")
    other.todo("two").get_by_role("checkbox").check()

    expect(titles(tab)).to_have_text(["one", "three"])
    expect(filters).to_have_text(["All 3", "Open 2", "Done 1"])
    expect(titles(other)).to_have_text(["one", "two", "three"])
    other.add("four")
    expect(titles(tab)).to_have_text(["one", "three", "four"])
    tab.reload()
    expect(titles(tab)).to_have_text(["one", "three", "four"])
    other.todo("two").get_by_role("checkbox").uncheck()
    expect(titles(tab)).to_have_text(["one", "two", "three", "four"])
    expect(filters).to_have_text(["All 4", "Open 4", "Done 0"])
    tab.page.go_back()
    expect(filters.first).to_have_attribute("aria-current", "true")


def test_choices_and_booleans_of_any_table_become_filters(tab: Tab, house: System) -> None:
    insert(house, "book", {"title": "Emma", "status": "read"}, {"title": "Ulysses", "status": "read", "lent": True})
    choose(tab, "app", "Books")

    read = tab.page.get_by_role("link", name="Read 2", exact=True)
    read.click()
    expect(read).to_have_attribute("aria-current", "true")
    expect(titles(tab, "book")).to_have_text(["Emma", "Ulysses"])
    tab.page.get_by_role("link", name="Lent 1", exact=True).click()

    expect(titles(tab, "book")).to_have_text(["Ulysses"])
    tab.is_at("/apps/books?status=read&lent=yes")


# --- two users edit the same row ---


def test_a_later_edit_of_the_same_text_opens_a_dialog(tab: Tab) -> None:
    todos(tab, "draft")
    other = tab.second()

    begin_edit(tab, "draft", "mine")
    overwrite(other, "draft", "theirs")
    expect(tab.todo("theirs")).to_be_attached()
    tab.page.keyboard.press("Enter")
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_contain_text("mine")
    expect(dialog).to_contain_text("theirs")
    dialog.get_by_role("button", name="Keep theirs").click()
    expect(titles(tab)).to_have_text(["theirs"])

    begin_edit(tab, "theirs", "mine again")
    overwrite(other, "theirs", "theirs again")
    expect(tab.todo("theirs again")).to_be_attached()
    tab.page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Edit again").click()
    expect(tab.page.locator("form.edit:not([hidden]) input[name=title]")).to_have_value("mine again")
    tab.page.keyboard.press("Enter")
    expect(titles(other)).to_have_text(["mine again"])

    begin_edit(tab, "mine again", "mine for good")
    overwrite(other, "mine again", "no, theirs")
    expect(tab.todo("no, theirs")).to_be_attached()
    tab.page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Keep mine").click()
    for one in (tab, other):
        expect(titles(one)).to_have_text(["mine for good"])
    expect(dialog).to_have_count(0)


def begin_edit(tab: Tab, title: str, text: str) -> None:
    edit(tab, tab.todo(title).locator(".title"), text)


def edit(tab: Tab, shown: Locator, text: str) -> None:
    """Edit a row by a double click; its form comes from the server."""
    shown.dblclick()
    expect(tab.page.locator("form.edit:not([hidden]) input").first).to_be_focused()
    tab.page.keyboard.type(text)


def overwrite(tab: Tab, title: str, text: str) -> None:
    begin_edit(tab, title, text)
    tab.page.keyboard.press("Enter")


def test_edits_of_different_fields_both_stay(tab: Tab, house: System) -> None:
    book = insert(house, "book", {"title": "Middlemarch"})[0]["id"]
    choose(tab, "app", "Books")
    row = tab.page.locator(f"#book-row-{book}")
    edit(tab, row.locator(".title"), "Middlemarch, a study")

    order(house, verb="update", table="book", id=book, values={"note": "long"})
    expect(row).to_contain_text("long")
    tab.page.keyboard.press("Enter")

    expect(row.locator(".title")).to_have_text("Middlemarch, a study")
    assert order(house, verb="get", table="book", id=book)[0]["note"] == "long"


# --- broken apps, and apps with their own view ---


def test_a_broken_app_is_shown_with_its_reason_and_the_rest_works(tab: Tab) -> None:
    tab.page.locator("#app-menu > summary").click()
    entry = tab.page.locator("#app-menu .choice").filter(has_text="Rusty")
    expect(entry).to_contain_text("broken")
    entry.click()

    expect(tab.page.locator("#app")).to_contain_text("a_module_that_there_is_not")
    tab.reload()
    expect(tab.page.locator("#app")).to_contain_text("This app is broken")
    choose(tab, "app", "Todo")
    tab.add("goes on")
    expect(tab.todo("goes on")).to_be_visible()


def test_the_generated_view_replaces_a_view_that_raises(tab: Tab, house: System) -> None:
    choose(tab, "app", "Moody")

    expect(tab.page.locator("#app .problem")).to_contain_text("not today")
    tab.page.fill("#mood-form input[name=title]", "calm")
    tab.page.press("#mood-form input[name=title]", "Enter")
    expect(titles(tab, "mood")).to_have_text(["calm"])
    tab.page.locator("#app-menu > summary").click()
    expect(tab.page.locator("#app-menu .choice").filter(has_text="Moody")).to_contain_text("broken")


def test_an_apps_own_view_is_updated_live(tab: Tab, house: System) -> None:
    choose(tab, "app", "Cards")
    expect(tab.page.locator("#cards h3")).to_have_text("0 cards")

    tab.page.fill("#card-form input[name=title]", "ace")
    tab.page.press("#card-form input[name=title]", "Enter")

    expect(tab.page.locator(".card")).to_have_text(["ace"])
    expect(tab.page.locator("#cards h3")).to_have_text("1 cards")
    insert(house, "card", {"title": "king"})
    expect(tab.page.locator(".card")).to_have_text(["ace", "king"])


def test_axe_finds_no_violation_in_a_conflict_nor_in_a_broken_app(house: System, chromium: Chromium) -> None:
    book = insert(house, "book", {"title": "Persuasion"})[0]["id"]
    with chromium.visit(house, bypass_csp=True, reduced_motion="reduce") as tab:
        choose(tab, "app", "Books")
        edit(tab, tab.page.locator(f"#book-row-{book} .title"), "Emma")
        order(house, verb="update", table="book", id=book, values={"title": "Sanditon"})
        expect(tab.page.locator(f"#book-row-{book} .title")).to_have_text("Sanditon")
        tab.page.keyboard.press("Enter")
        expect(tab.page.get_by_role("dialog")).to_be_visible()
        assert violations(tab) == []
        tab.page.keyboard.press("Escape")

        choose(tab, "app", "Rusty")
        expect(tab.page.locator("#app .reason")).to_be_visible()
        assert violations(tab) == []


# --- actions ---


def test_actions_of_an_app_ask_first_if_told_to_and_change_only_the_profile_in_view(tab: Tab, house: System) -> None:
    elsewhere = order(house, verb="insert", table="todo", values={"title": "elsewhere", "done": True, "profile": 1})[0]
    todos(tab, "done one", "open one")
    tab.todo("done one").get_by_role("checkbox").check()
    expect(tab.page.locator("#todo-filters a").last).to_have_text("Done 1")

    choose(tab, "actions", "Delete what is done")
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Don’t").click()
    expect(titles(tab)).to_have_text(["done one", "open one"])
    choose(tab, "actions", "Delete what is done")
    dialog.get_by_role("button", name="Do it").click()

    expect(titles(tab)).to_have_text(["open one"])
    assert order(house, verb="get", table="todo", id=elsewhere["id"])
    choose(tab, "app", "Books")
    expect(tab.page.locator("#book-form")).to_be_visible()
    choose(tab, "actions", "Borrow one")
    expect(titles(tab, "book").last).to_have_text("Borrowed")


def test_a_click_is_not_lost_when_the_menu_is_drawn_again_between_press_and_release(tab: Tab, house: System) -> None:
    other = tab.second()
    other.page.locator("#profile-menu > summary").press("Enter")
    tab.page.locator("#profile-menu > summary").hover()
    tab.page.mouse.down()
    order(house, verb="insert", table="profile", values={"name": "While it is pressed"})
    expect(other.page.locator("#profile-menu .choice").get_by_text("While it is pressed")).to_be_attached()
    tab.page.mouse.up()

    expect(tab.page.locator("#profile-menu .choice").get_by_text("While it is pressed")).to_be_visible()


# --- the assistant's mark ---


def test_the_badge_of_the_assistant_survives_a_reload_until_somebody_else_changes_the_row(tab: Tab) -> None:
    todos(tab, "by hand")
    todos(tab, "by the roll", actor="model")
    mark = tab.todo("by the roll").locator(".by-model")
    expect(mark).to_be_visible()

    tab.reload()
    expect(mark).to_be_visible()
    expect(tab.todo("by hand").locator(".by-model")).to_have_count(0)

    tab.todo("by the roll").get_by_role("checkbox").check()
    expect(mark).to_have_count(0)
    tab.reload()
    expect(mark).to_have_count(0)


# --- conversations ---


def about_talk(tab: Tab, title: str, entry: str) -> None:
    """Choose what to do with a conversation of the list."""
    tab.page.locator("#conversation-menu > summary").click()
    tab.page.get_by_role("button", name=f"More about “{title}”").click()
    tab.page.locator("#conversation-more").get_by_role("button", name=entry).click()


def test_a_conversation_is_renamed_and_deleted_with_its_messages(tab: Tab, house: System) -> None:
    tab.say("hello there")
    tab.answered()
    other = tab.second()
    dialog = tab.page.get_by_role("dialog")

    about_talk(tab, "hello there", "Rename …")
    dialog.get_by_role("textbox", name="Name").fill("Greetings")
    tab.page.keyboard.press("Enter")
    for one in (tab, other):
        expect(one.page.locator("#conversation-menu > summary")).to_have_text("Greetings")

    about_talk(tab, "Greetings", "Delete …")
    expect(dialog).to_contain_text("Its 2 messages are deleted too.")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    dialog.get_by_role("button", name="Delete", exact=True).click()

    for one in (tab, other):
        expect(one.page.locator("#conversation-menu > summary")).to_have_text("New conversation")
        expect(one.page.locator("#chat-log article")).to_have_count(0)
    assert not order(house, verb="list", table="message", where={"text": "hello there"})


def test_each_tab_has_a_conversation_of_its_own_in_its_address(tab: Tab, ollama: OllamaDouble) -> None:
    one, page = tab, tab.page
    said = one.messages("user").locator(".text")
    one.say("about cats")
    one.answered()
    expect(page).to_have_url(re.compile(r"/apps/todo\?talk=\d+$"))
    cats = page.url
    page.get_by_role("button", name="New conversation").click()
    expect(page).to_have_url(f"{one.base}/apps/todo?talk=new")
    one.say("about dogs")
    one.answered()
    expect(page).to_have_url(re.compile(r"/apps/todo\?talk=\d+$"))
    dogs = page.url

    page.locator("#conversation-menu > summary").click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="about cats").click(button="middle")
    other = Tab.__new__(Tab)
    other.__dict__.update(one.__dict__)
    other.page = opened.value
    other.connected()
    expect(other.page).to_have_url(cats)
    page.keyboard.press("Escape")

    first, second = threading.Event(), threading.Event()
    ollama.play([Say("Woof"), Wait(first), Say("!"), Done()])
    one.say("what do they say?")
    expect(one.answer().locator(".text")).to_have_text("Woof")
    ollama.play([Say("Meow"), Wait(second), Say("!"), Done()])
    other.say("what do they say?")
    expect(other.answer().locator(".text")).to_have_text("Meow")
    choose(one, "app", "Books")
    expect(page).to_have_url(dogs.replace("todo", "books"))
    other.reload()
    expect(other.answer().locator(".text")).to_have_text("Meow")
    for event in (first, second):
        event.set()
    assert (one.answered(), other.answered()) == ("Woof!", "Meow!")

    page.go_back()
    expect(page).to_have_url(dogs)
    expect(page.locator("#todo-form")).to_be_visible()
    page.go_back()  # the empty conversation became that of the dogs, so it is no place of its own
    expect(said).to_have_text(["about cats", "what do they say?"])
    expect(page).to_have_url(cats)
    page.go_forward()
    expect(said).to_have_text(["about dogs", "what do they say?"])
    one.reload()
    expect(said).to_have_text(["about dogs", "what do they say?"])
    page.goto(f"{one.base}/apps/todo?talk=987654")
    expect(page.locator(".notice")).to_contain_text("There is no conversation 987654 (any more).")
    expect(page).to_have_url(dogs)


def test_a_conversation_that_is_deleted_while_an_answer_streams_is_gone_for_good(
    tab: Tab, ollama: OllamaDouble
) -> None:
    ollama.play([Say("Well "), Wait(threading.Event())])
    tab.say("a long story, please")
    expect(tab.answer().locator(".text")).to_have_text("Well ")

    about_talk(tab, "a long story, please", "Delete …")
    tab.page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()

    expect(tab.page.locator("#chat-log article")).to_have_count(0)
    expect(tab.page.locator("#chat-stop")).to_be_hidden()
    tab.say("hello")
    assert tab.answered()
    assert "error" not in tab.system.output("agent")


@pytest.fixture
def said(tab: Tab, house: System) -> Callable[[range], None]:
    """A function that adds messages to a new conversation, which is in view."""
    conversation = order(house, verb="insert", table="conversation", values={"title": "long"})[0]["id"]

    def say(numbers: range) -> None:
        common = {"conversation": conversation, "role": "assistant"}
        insert(house, "message", *({**common, "text": f"said {number}."} for number in numbers))

    say(range(120))
    tab.page.locator("#conversation-menu > summary").click()
    tab.page.locator(f"#conversation-{conversation}").click()
    expect(tab.page.locator(f"#chat-log[data-conversation='{conversation}']")).to_be_attached()
    return say


def top_of(message: Locator) -> float:
    """Return where on the screen a message begins, in pixels."""
    box = message.bounding_box()
    assert box
    return box["y"]


def number_of(message: Locator) -> int:
    """Return which of the messages that `said` added it is."""
    return int(message.locator(".text").inner_text().removeprefix("said ").removesuffix("."))


def scroll_up_to_more(tab: Tab) -> None:
    """Scroll up until older messages come, and see that nothing has jumped."""
    chat, messages = tab.page.locator("#chat-scroll"), tab.messages("assistant")
    first = messages.first.get_attribute("id")
    chat.evaluate("one => one.scrollTop = 1")
    read, before = tab.page.locator(f"#{first}"), top_of(messages.first)
    expect(messages.first).not_to_have_attribute("id", str(first))
    assert abs(top_of(read) - before) < 100


def test_older_messages_load_when_scrolled_to_and_the_view_does_not_jump(tab: Tab, said: Any) -> None:
    messages = tab.messages("assistant")
    expect(messages).to_have_count(50)
    expect(messages.last).to_be_in_viewport()
    first = tab.page.get_by_text("said 70.", exact=True)

    first.scroll_into_view_if_needed()
    tab.page.locator("#chat-scroll").hover()
    tab.page.mouse.wheel(0, -400)

    expect(messages).to_have_count(100)
    expect(first).to_be_in_viewport()
    tab.page.locator("#chat-scroll").evaluate("one => one.scrollTop = 0")  # a wheel may still see the shorter page
    expect(messages).to_have_count(120)
    expect(tab.page.locator("#chat-older")).to_be_hidden()
    expect(messages.first.locator(".text")).to_have_text("said 0.")


def test_a_tab_keeps_a_window_of_messages_while_a_conversation_grows(tab: Tab, said: Any) -> None:
    messages = tab.messages("assistant")
    expect(messages).to_have_count(50)
    for begin in range(120, 1_120, 100):
        said(range(begin, begin + 100))
        expect(messages.last.locator(".text")).to_have_text(f"said {begin + 99}.")
    expect(messages.last).to_be_in_viewport()
    expect(tab.page.locator("#chat-log > article").nth(120)).to_have_count(0)  # 120 are the most

    for _ in range(4):
        oldest = number_of(messages.first)
        scroll_up_to_more(tab)
        expect(messages).to_have_count(80)  # more were 120 at most: they are taken out at the far end
        assert number_of(messages.first) == oldest - 50
    expect(tab.page.locator("#chat-newer")).to_be_attached()
    expect(tab.page.get_by_text("said 1119.", exact=True)).to_have_count(0)

    read = messages.nth(10)
    read.scroll_into_view_if_needed()
    number, before = read.get_attribute("id"), top_of(read)
    said(range(1_120, 1_270))
    tab.add("after them")
    expect(tab.todo("after them")).to_be_visible()
    assert top_of(tab.page.locator(f"#{number}")) == before
    expect(tab.page.get_by_text("said 1269.", exact=True)).to_have_count(0)

    tab.page.get_by_role("button", name="Newest").click()
    expect(messages.last.locator(".text")).to_have_text("said 1269.")
    expect(messages.last).to_be_in_viewport()
    said(range(1_270, 1_271))
    expect(messages.last.locator(".text")).to_have_text("said 1270.")
    expect(messages.last).to_be_in_viewport()


def test_from_an_old_message_that_was_found_one_scrolls_down_to_the_newest(tab: Tab, said: Any) -> None:
    said(range(120, 300))
    messages, chat = tab.messages("assistant"), tab.page.locator("#chat-scroll")
    tab.page.keyboard.press("Control+k")
    tab.page.keyboard.type("said 33.")
    tab.page.get_by_role("option").filter(has_text="said 33.").first.click()
    expect(tab.page.locator("#chat-log > article.marked .text")).to_have_text("said 33.")
    expect(tab.page.get_by_text("said 299.", exact=True)).to_have_count(0)
    shown = [one.inner_text() for one in messages.locator(".text").all()]

    tab.system.stop("web")
    tab.tolerates_lost_connection = True
    tab.system.start("web")
    tab.connected()
    expect(messages.locator(".text")).to_have_text(shown)

    while (newest := number_of(messages.last)) < 299:
        chat.evaluate("one => one.scrollTop = one.scrollHeight")
        read = tab.page.locator(f"#{messages.last.get_attribute('id')}")
        before = top_of(read)
        expect(messages.last.locator(".text")).not_to_have_text(f"said {newest}.")
        expect(messages.nth(120)).to_have_count(0)  # far from those in view some are out of the page again
        assert number_of(messages.last) > newest
        assert abs(top_of(read) - before) < 100
    numbers = [number_of(one) for one in messages.all()]
    assert numbers == list(range(numbers[0], 300))


# --- long lists ---


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A store with 100,000 todos, of which every second one is done."""
    with System() as system:
        system.start("broker", "store")
        system.stop("store")
        fill(system.settings.home / "pianola.db")
        system.start("store", "web")
        yield system


def fill(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        add_functions(connection)
        connection.execute(
            "insert into todo (title, done, created, profile, position)"
            " with recursive number(n) as (select 1 union all select n + 1 from number where n < ?)"
            " select 'Task ' || n, n % 2, 0, 1, n from number",
            [MANY],
        )
    connection.close()


def test_a_long_list_is_shown_through_a_window(long: System, chromium: Chromium) -> None:
    with chromium.visit(long) as tab:
        rows, shown = tab.page.locator("#todo-list > li"), tab.page.locator("#todo-range p")
        first = rows.count()
        assert 20 <= first <= 50
        expect(shown).to_have_text(f"1 to {first} of 100,000")
        expect(tab.page.locator("#todo-filters a")).to_have_text(["All 100,000", "Open 50,000", "Done 50,000"])

        rows.last.scroll_into_view_if_needed()
        expect(rows).to_have_count(first + 200)
        expect(titles(tab).last).to_have_text(f"Task {first + 200}")
        order(long, verb="update", table="todo", id=220, values={"title": "In view"})
        order(long, verb="update", table="todo", id=5_000, values={"title": "Out of view"})
        order(long, verb="delete", table="todo", id=90_000)
        expect(tab.todo("In view")).to_be_attached()
        expect(shown).to_have_text(f"1 to {first + 200} of 99,999")
        expect(tab.todo("Out of view")).to_have_count(0)

        tab.add("at the very end")
        expect(shown).to_contain_text("of 100,000")
        assert rows.count() < 1_000


def test_a_row_found_far_down_is_shown_at_its_place(long: System, chromium: Chromium) -> None:
    with chromium.visit(long) as tab:
        tab.page.keyboard.press("Control+k")
        tab.page.keyboard.type("Task 77777")
        tab.page.keyboard.press("Enter")

        expect(tab.page.locator("#todo-list > li.marked .title")).to_have_text("Task 77777")
        expect(tab.page.locator("#todo-list > li.marked")).to_be_in_viewport()
        tab.page.get_by_role("button", name="Earlier rows").click()
        expect(titles(tab).first).not_to_have_text("Task 77677")


def test_a_row_is_moved_across_the_edge_of_the_window(long: System, chromium: Chromium) -> None:
    with chromium.visit(long) as tab:
        tab.page.keyboard.press("Control+k")
        tab.page.keyboard.type("Task 33333")
        tab.page.keyboard.press("Enter")
        expect(tab.page.locator("#todo-list > li.marked")).to_be_visible()
        first, second = titles(tab).nth(0).inner_text(), titles(tab).nth(1).inner_text()

        tab.page.locator("#todo-list > li").nth(1).get_by_role("checkbox").focus()
        tab.page.keyboard.press("Alt+ArrowUp")

        expect(tab.page.locator("#announcements")).to_contain_text("Moved to place")
        tab.page.reload()
        asked = order(long, verb="list", table="todo", where={"title": [first, second]})
        place = {row["title"]: row["position"] for row in asked}
        assert abs(place[second] - place[first]) < 2


# --- kill -9 ---


def test_after_kill_9_of_web_during_a_drag_all_tabs_show_the_same_order(whole_system: Any, chromium: Chromium) -> None:
    system: System = whole_system.system
    order(system, verb="update", table="setting", id="mode", values={"value": "quiet"})
    with chromium.visit(system) as tab:
        tab.tolerates_lost_connection = True
        todos(tab, "first", "second", "third")
        other = tab.second()
        handle = tab.todo("third").locator("[data-move]")
        tab.todo("third").hover()
        target = tab.todo("first").bounding_box()
        assert target
        handle.hover()
        tab.page.mouse.down()
        tab.page.mouse.move(target["x"] + 20, target["y"] + 30, steps=5)
        expect(tab.page.locator(".sortable-ghost")).to_be_attached()

        system.kill("web")
        tab.page.mouse.move(target["x"] + 20, target["y"] + 4, steps=5)
        tab.page.mouse.up()
        dropped = titles(tab).all_inner_texts()
        system.start("web")

        tab.connected()
        for one in (tab, other):
            expect(titles(one)).to_have_text(dropped)
        assert [row["title"] for row in order(system, verb="list", table="todo")] == dropped
        tab.add("fourth")
        expect(other.todo("fourth")).to_be_visible()
