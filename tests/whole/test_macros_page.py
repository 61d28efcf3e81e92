"""Macros in a browser: made of changes in the journal, run by a click, by name and by a schedule, edited, undone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from bus.bus import new_id
from bus.messages import StoreOrder
from bus.store_client import ask_store
from tests.support.assistant_page import add, cards, change, empty, quieten
from tests.support.axe import violations
from tests.support.browser import WITH_JOBS, Chromium, Tab
from tests.support.system import System


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as system:
        system.start(*WITH_JOBS)
        yield system


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab with an empty list, a new conversation and no macro."""
    empty(system)
    quieten(system)
    for row in change(system, verb="list", table="macro"):
        change(system, verb="delete", table="macro", id=row["id"])
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce") as tab:
        yield tab


def go(tab: Tab, app: str) -> None:
    tab.page.goto(f"{tab.base}/apps/{app}")
    tab.connected()


def make(tab: Tab, name: str, *changes: str) -> Locator:
    """Make a macro of the chosen changes of the journal; return its card."""
    go(tab, "journal")
    tab.page.get_by_role("button", name="Make a macro of your last changes …").click()
    dialog = tab.page.get_by_role("dialog", name="Make a macro")
    for box in dialog.get_by_role("checkbox", checked=True).all():
        box.uncheck()
    for one in changes:
        dialog.get_by_role("checkbox", name=one).first.check()
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog).to_be_hidden()
    go(tab, "macros")
    return card(tab, name)


def card(tab: Tab, name: str) -> Locator:
    return tab.page.get_by_role("article", name=name, exact=True)


def press(card: Locator, label: str) -> None:
    card.get_by_role("button", name=re.compile(f"^{label}")).click()


def expect_todos(tab: Tab, *titles: str) -> None:
    go(tab, "todo")
    expect(tab.page.locator("#todo-list .title")).to_have_text(list(titles))


def test_one_is_made_in_the_journal_run_by_a_click_and_undone_as_one(tab):
    add(tab, "milk", "eggs")

    one = make(tab, "Friday shopping", "Add “milk” to todo", "Add “eggs” to todo")
    expect(one.get_by_role("listitem")).to_have_text(["Add “milk” to todo", "Add “eggs” to todo"])
    assert violations(tab) == []
    press(one, "Run")
    expect(tab.page.get_by_text("Added 2 rows")).to_be_visible()
    expect_todos(tab, "milk", "eggs", "milk", "eggs")
    go(tab, "macros")
    press(one, "Run")
    tab.page.get_by_role("button", name="Undo").first.click()

    expect_todos(tab, "milk", "eggs", "milk", "eggs")


def test_its_steps_are_edited_and_ask_for_a_word(tab):
    add(tab, "milk", "eggs")
    one = make(tab, "Shopping", "Add “milk” to todo", "Add “eggs” to todo")

    press(one, "Edit")
    dialog = tab.page.get_by_role("dialog", name="Edit the macro")
    assert violations(tab) == []
    dialog.get_by_label("Title").first.fill("Buy {word} on {today}")
    dialog.get_by_label("Leave it out").last.check()
    dialog.get_by_label("Question").fill("What to buy?")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(one.get_by_role("listitem")).to_have_text(["Add “Buy {word} on {today}” to todo"])
    expect(one).to_contain_text("It asks: What to buy?")

    press(one, "Run")
    asked = tab.page.get_by_role("dialog", name="Run “Shopping”")
    asked.get_by_label("What to buy?").fill("bananas")
    asked.get_by_role("button", name="Run").click()
    expect(asked).to_be_hidden()
    go(tab, "todo")
    expect(tab.page.locator("#todo-list .title").last).to_have_text(re.compile(r"Buy bananas on \d{4}-\d\d-\d\d"))


def test_it_runs_when_its_name_is_said_and_its_card_undoes_it(tab):
    add(tab, "milk")
    make(tab, "Friday shopping", "Add “milk” to todo")
    go(tab, "todo")

    tab.say("run Friday shopping")

    expect(cards(tab)).to_contain_text("Ran “Friday shopping”: 1 change.")
    expect(tab.page.locator("#todo-list > li")).to_have_count(2)
    cards(tab).get_by_role("button", name="Undo").click()
    expect(tab.page.locator("#todo-list > li")).to_have_count(1)
    expect(cards(tab, "undone")).to_be_visible()


def test_it_runs_by_a_schedule(tab):
    add(tab, "milk")
    make(tab, "Morning", "Add “milk” to todo")
    go(tab, "schedules")
    tab.page.locator("#schedule-new-when").fill("tomorrow 8:00")
    tab.page.locator("#schedule-new-what").select_option(label="Run the macro: Morning")
    tab.page.locator("#schedule-form [type=submit]").click()
    planned = card(tab, "Morning")
    expect(planned).to_be_visible()

    due_now(tab, "Morning")

    expect(planned).to_have_attribute("data-state", "over")
    expect(planned).to_contain_text("Done.")
    expect_todos(tab, "milk", "milk")


def due_now(tab: Tab, title: str) -> None:
    """Let a schedule be due, as if its time had come."""

    async def work(guest) -> None:
        found = await ask_store(guest.bus, StoreOrder(verb="list", table="schedule", where={"title": title}))
        (row,) = found.rows
        order = StoreOrder(
            verb="update", table="schedule", id=row["id"], values={"next": row["next"] - 864_000}, actor="system"
        )
        await ask_store(guest.bus, order, id=new_id())

    tab.system.visit(work)


def test_a_name_that_is_taken_and_no_change_are_refused_with_a_sentence(tab):
    add(tab, "milk")
    make(tab, "Shopping", "Add “milk” to todo")
    go(tab, "journal")
    tab.page.get_by_role("button", name="Make a macro of your last changes …").click()
    dialog = tab.page.get_by_role("dialog", name="Make a macro")
    dialog.get_by_role("checkbox", name="Add “milk” to todo").first.check()
    dialog.get_by_label("Name").fill("shopping")
    dialog.get_by_role("button", name="Make it").click()

    expect(tab.page.get_by_text("There is a macro called “Shopping” already. Choose another name.")).to_be_visible()
    for box in dialog.get_by_role("checkbox", checked=True).all():
        box.uncheck()
    dialog.get_by_label("Name").fill("Other")
    dialog.get_by_role("button", name="Make it").click()
    expect(tab.page.get_by_text("No change is chosen")).to_be_visible()


def test_rows_that_are_gone_are_told_and_nothing_left_is_refused(tab):
    add(tab, "milk")
    tab.todo("milk").get_by_role("checkbox").first.check()
    one = make(tab, "Tick it", "Change “milk” of todo")
    empty(tab.system)

    press(one, "Run")

    expect(tab.page.get_by_text("Nothing of “Tick it” can be done: “milk” of todo is gone.")).to_be_visible()


def test_what_is_done_a_third_time_is_offered_in_the_strip_of_remarks(tab):
    tab.page.get_by_role("radio", name="Ambient").check()
    for _ in range(3):
        add_again(tab, "soap", "salt", "rice")

    tab.page.get_by_role("button", name="Make a macro …").click()
    dialog = tab.page.get_by_role("dialog", name="Make a macro")
    expect(dialog.get_by_role("checkbox", checked=True)).to_have_count(3)
    dialog.get_by_label("Name").fill("Restock")
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog).to_be_hidden()
    go(tab, "macros")
    expect(card(tab, "Restock").get_by_role("listitem")).to_have_count(3)


def add_again(tab: Tab, *titles: str) -> None:
    """Add todos; there may be others of the same name."""
    rows = tab.page.locator("#todo-list > li")
    for title in titles:
        count = rows.count()
        tab.add(title)
        expect(rows).to_have_count(count + 1)


def test_a_store_that_is_killed_while_it_runs_makes_it_once(tab):
    add(tab, "milk", "eggs")
    one = make(tab, "Shopping", "Add “milk” to todo", "Add “eggs” to todo")

    tab.system.kill("store")
    press(one, "Run")
    tab.system.start("store")

    expect(tab.page.get_by_text("Added 2 rows")).to_be_visible()
    expect_todos(tab, "milk", "eggs", "milk", "eggs")
