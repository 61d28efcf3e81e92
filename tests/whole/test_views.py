"""Rows as a table, a calendar, a board, a chart, and the page of a row: in a browser, live, and after a restart."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from bus.messages import StoreOrder
from bus.store_client import ask_store
from tests.support.assistant_page import open_at
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.system import Guest, System

SHOPS = {
    "name": "shops",
    "label": "Shops",
    "tables": [
        {"name": "shop", "fields": [{"name": "name", "required": True}]},
        {
            "name": "opening",
            "fields": [{"name": "day", "required": True}, {"name": "of", "type": "link", "to": "shop"}],
        },
    ],
}
EXPENSES: dict[str, Any] = {
    "name": "expenses",
    "label": "Expenses",
    "tables": [
        {
            "name": "expense",
            "label": "an expense",
            "fields": [
                {"name": "what", "required": True},
                {"name": "amount", "type": "money", "unit": "EUR"},
                {"name": "kind", "choices": ["food", "home", "travel"]},
                {"name": "bought", "type": "date"},
                {"name": "paid", "type": "boolean"},
                {"name": "shop", "type": "link", "to": "shop"},
                {"name": "note", "type": "markdown"},
            ],
        }
    ],
}
ROWS: list[dict[str, Any]] = [
    {"what": "Bread", "amount": "3.50 EUR", "kind": "food", "bought": "2026-11-03", "paid": True, "shop": [1]},
    {"what": "Train", "amount": "59 EUR", "kind": "travel", "bought": "2026-11-12", "note": "Some **bold** words"},
    {"what": "Lamp", "amount": "24.90 EUR", "kind": "home", "bought": "2026-10-20"},
    {"what": "Cheese", "amount": "7.20 EUR", "kind": "food", "bought": "2026-11-12"},
    {"what": "Pen", "amount": "1 EUR"},
]


def order(system: System, *orders: StoreOrder) -> None:
    async def send(guest: Guest) -> None:
        for one in orders:
            await ask_store(guest.bus, one)

    system.visit(send)


def insert(table: str, **values: object) -> StoreOrder:
    return StoreOrder(verb="insert", table=table, values=values)


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store", "llm_worker", "agent", "web")
        order(made, *(insert("app", declaration=one) for one in (SHOPS, EXPENSES)), insert("shop", name="Corner"))
        yield made


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab of the expenses, with the same rows for each test."""
    order(system, StoreOrder(verb="delete", table="expense", where={"profile": 1}))
    order(system, *(insert("expense", **row) for row in ROWS))
    open_at(system, "expenses")
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce", timezone_id="Europe/Berlin") as made:
        made.is_at("/apps/expenses")
        yield made


def look(tab: Tab, query: str) -> None:
    tab.page.goto(f"{tab.base}/apps/expenses{query}")
    tab.connected()


def expect_titles(tab: Tab, *wanted: str) -> None:
    expect(tab.page.locator("#expense-table tbody .title")).to_have_text(list(wanted))


def card(tab: Tab, title: str) -> Locator:
    return tab.page.locator(".row-card").filter(has_text=title)


def test_a_table_sorts_groups_and_adds_up_all_rows_and_its_address_shows_the_same_again(tab: Tab, system: System):
    page = tab.page
    page.locator("#view-table").click()
    tab.is_at("/apps/expenses?view=table")
    expect_titles(tab, "Bread", "Train", "Lamp", "Cheese", "Pen")
    expect(page.locator("#expense-table tfoot")).to_contain_text("5 rows")
    expect(page.locator("#expense-table tfoot")).to_contain_text("€95.60")
    assert violations(tab) == []

    page.locator("#sort-amount").press("Enter")
    expect_titles(tab, "Pen", "Bread", "Cheese", "Lamp", "Train")
    page.locator("#sort-amount").press("Enter")
    expect_titles(tab, "Train", "Lamp", "Cheese", "Bread", "Pen")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Amount")
    page.locator("#group-kind").click()
    expect_titles(tab, "Cheese", "Bread", "Lamp", "Train", "Pen")
    expect(page.locator("tr.group").first).to_have_text(re.compile("food 2€10.70"))
    tab.is_at("/apps/expenses?view=table&sort=-amount&group=kind")

    order(system, insert("expense", what="Butter", amount="2.30 EUR", kind="food"))
    expect_titles(tab, "Cheese", "Bread", "Butter", "Lamp", "Train", "Pen")
    expect(page.locator("tr.group").first).to_have_text(re.compile("food 3€13"))
    page.locator("#expense-filters a", has_text="Food").click()
    expect_titles(tab, "Cheese", "Bread", "Butter")
    tab.reload()
    expect_titles(tab, "Cheese", "Bread", "Butter")
    page.go_back()
    expect_titles(tab, "Cheese", "Bread", "Butter", "Lamp", "Train", "Pen")


def test_a_long_table_adds_up_rows_that_are_not_in_the_page_and_loads_them_when_it_is_scrolled(
    tab: Tab, system: System
):
    rows = [{"what": f"Stamp {number:03}", "amount": "0.10 EUR", "kind": "home"} for number in range(300)]
    orders = [{"verb": "insert", "table": "expense", "values": row} for row in rows]
    order(system, StoreOrder(verb="batch", table="expense", values={"orders": orders}))
    look(tab, "?view=table&group=kind&sort=-what")
    page = tab.page
    expect(page.locator("#expense-table tfoot")).to_have_text(re.compile("305 rows.*€125.60"))
    expect(page.locator("tr.group").nth(1)).to_have_text(re.compile("home 301€54.90"))
    lines = page.locator("#expense-table tbody tr:not(.group)")
    while (shown := lines.count()) < len(rows) + len(ROWS):
        page.locator("#expense-more").scroll_into_view_if_needed()
        expect(lines.nth(shown)).to_be_attached()
    expect(lines.last).to_contain_text("Pen")


def test_a_cell_opens_the_form_of_its_row(tab: Tab):
    look(tab, "?view=table")
    page = tab.page
    page.locator("#expense-table tbody tr", has_text="Bread").locator("td.number").click()
    form = page.locator("#expense-update-form")
    form.get_by_label("Amount (EUR)").fill("4 EUR")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#expense-table tbody tr", has_text="Bread")).to_contain_text("€4")
    tab.do_with(page.locator("#expense-table tbody tr", has_text="Pen"), "Edit")
    form = page.locator("#expense-update-form")
    expect(form.get_by_label("What")).to_have_value("Pen")
    expect(form.get_by_label("Kind")).to_have_value("")
    assert violations(tab) == []
    form.get_by_label("Bought").fill("2026-11-28")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#expense-table tbody tr", has_text="Pen")).to_contain_text("28 Nov 2026")
    expect(page.locator("#expense-table tbody tr", has_text="Pen")).not_to_contain_text("food")


def test_a_calendar_shows_a_month_and_takes_a_row_on_a_day(tab: Tab, system: System):
    look(tab, "?view=calendar&month=2026-11")
    page = tab.page
    expect(page.locator("#month")).to_have_text("Nov 2026")
    expect(page.locator("#day-2026-11-12 .title")).to_have_text(["Train", "Cheese"])
    expect(page.locator(".calendar-view > .note")).to_have_text("1 without a day.")
    assert violations(tab) == []
    page.locator("#add-2026-11-14").click()
    form = page.locator("#expense-insert-form")
    expect(form.get_by_label("Bought")).to_have_value("2026-11-14")
    form.get_by_label("What").fill("Tea")
    form.get_by_role("button", name="Add").click()
    expect(page.locator("#day-2026-11-14 .title")).to_have_text("Tea")
    page.locator("#month-before").click()
    expect(page.locator("#day-2026-10-20 .title")).to_have_text("Lamp")
    tab.is_at("/apps/expenses?view=calendar&month=2026-10")
    order(system, insert("expense", what="Soap", bought="2026-10-21"))
    expect(page.locator("#day-2026-10-21 .title")).to_have_text("Soap")
    page.set_viewport_size({"width": 320, "height": 700})
    page.locator("#pane-switch").get_by_text("App").click()
    expect(page.locator("#day-2026-10-20 .title")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_card_moves_between_the_columns_of_a_board_by_keys_menu_and_mouse_and_back_to_none(tab: Tab):
    look(tab, "?view=board")
    page = tab.page
    columns = enumerate(("food", "home", "travel", "none"))
    column = {name: page.locator(f"#column-{place} .title") for place, name in columns}
    expect(column["food"]).to_have_text(["Bread", "Cheese"])
    expect(column["none"]).to_have_text("Pen")
    assert violations(tab) == []

    card(tab, "Bread").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(column["home"]).to_have_text(["Bread", "Lamp"])
    expect(card(tab, "Bread")).to_be_focused()
    tab.do_with(card(tab, "Train"), "To the next column")
    expect(column["none"]).to_have_text(["Train", "Pen"])
    page.set_viewport_size({"width": 2000, "height": 900})
    card(tab, "Cheese").drag_to(page.locator("#column-2"), source_position={"x": 4, "y": 8})
    expect(column["travel"]).to_have_text("Cheese")
    page.locator("#undo").get_by_role("button", name="Undo").click()
    expect(column["food"]).to_have_text("Cheese")
    tab.reload()
    expect(column["none"]).to_have_text(["Train", "Pen"])


def test_a_chart_draws_sums_over_time_and_by_group_and_tells_its_numbers(tab: Tab, system: System):
    look(tab, "?view=chart")
    page = tab.page
    expect(page.get_by_role("img", name="Amount by month, EUR")).to_be_visible()
    expect(page.locator(".chart .point")).to_have_count(2)
    expect(page.locator(".chart polyline")).to_be_visible()
    expect(page.locator(".numbers tbody tr")).to_have_text(["Oct 20261€24.90", "Nov 20263€69.70", "No bought1€1"])
    assert violations(tab) == []
    page.locator("#over-kind").click()
    tab.is_at("/apps/expenses?view=chart&over=kind")
    expect(page.locator(".numbers tbody tr").filter(has_text="food")).to_have_text("food2€10.70")
    expect(page.locator(".chart polyline")).to_have_count(0)
    expect(page.locator(".chart rect")).to_have_count(4)
    page.locator("#sum-rows").click()
    expect(page.get_by_role("img", name="Number of expenses by kind")).to_be_visible()
    order(system, insert("expense", what="Rent", kind="home", amount="800 EUR"))
    expect(page.locator(".numbers tbody tr").filter(has_text="home")).to_have_text("home2")


def test_a_row_has_a_page_with_its_links_and_its_history(tab: Tab, system: System):
    page = tab.page
    tab.do_with(page.locator("#expense-list > li", has_text="Train"), "Open its page")
    expect(page.locator("#row-page h3").first).to_have_text("Train")
    expect(page.locator("#row-page .row-field strong")).to_have_text("bold")
    expect(page.locator("#row-history > li")).to_have_count(1)
    assert violations(tab) == []
    page.locator("#row-edit").click()
    page.locator("#expense-update-form").get_by_label("Shop").select_option("Corner")
    page.locator("#expense-update-form").get_by_role("button", name="Save").click()
    expect(page.locator("#row-history > li")).to_have_count(2)
    expect(page.locator("#row-history > li").first).to_contain_text("You changed it: shop: nothing → Corner")
    page.locator("#row-page").get_by_role("link", name="Corner").click()
    expect(page.locator("#app-title")).to_have_text("Shops")
    expect(page.locator("#row-page section").first).to_contain_text("Train")
    page.locator("#row-page").get_by_role("link", name="Train").click()
    expect(page.locator("#app-title")).to_have_text("Expenses")
    page.locator("#row-history").get_by_role("button", name="Undo").first.click()
    expect(page.locator("#row-history > li").filter(has_text="undone")).to_have_count(1)
    order(system, StoreOrder(verb="delete", table="expense", where={"what": "Train"}))
    expect(page.locator("#row-page .problem")).to_contain_text("There is no expense with the id")


def test_a_view_is_right_again_after_a_restart_of_the_web_process(tab: Tab, system: System):
    look(tab, "?view=table&sort=-amount")
    expect_titles(tab, "Train", "Lamp", "Cheese", "Bread", "Pen")
    tab.tolerates_lost_connection = True
    system.stop("web")
    order(system, insert("expense", what="Boat", amount="900 EUR"))
    system.start("web")
    expect_titles(tab, "Boat", "Train", "Lamp", "Cheese", "Bread", "Pen")
    expect(tab.page.locator("#expense-table tfoot")).to_contain_text("€995.60")


def test_every_table_of_an_app_has_form_list_views_and_pages(tab: Tab):
    page = tab.page
    page.goto(f"{tab.base}/apps/shops")
    tab.connected()
    page.locator("#table-opening").click()
    tab.is_at("/apps/shops?table=opening")
    page.locator("#opening-form input[name=day]").fill("Monday")
    page.locator("#opening-form select[name=of]").select_option("Corner")
    page.locator("#opening-form").get_by_role("button", name="Add").click()
    expect(page.locator("#opening-list > li")).to_contain_text("Monday")
    page.locator("#view-table").click()
    tab.is_at("/apps/shops?table=opening&view=table")
    page.locator("#opening-table").get_by_role("link", name="Corner").click()
    tab.is_at("/apps/shops?row=1")
    page.locator("#row-page").get_by_role("link", name="Monday").click()
    expect(page.locator("#row-page h3").first).to_have_text("Monday")
    tab.reload()
    expect(page.locator("#row-page h3").first).to_have_text("Monday")


def test_a_view_stays_when_its_app_gets_another_field(tab: Tab, system: System):
    look(tab, "?view=table&sort=-amount")
    table = EXPENSES["tables"][0]
    wider = {**EXPENSES, "tables": [{**table, "fields": [*table["fields"], {"name": "receipt"}]}]}
    order(system, StoreOrder(verb="update", table="app", id=2, values={"declaration": wider}))
    expect(tab.page.locator("#sort-receipt")).to_be_visible()
    expect_titles(tab, "Train", "Lamp", "Cheese", "Bread", "Pen")
    order(system, StoreOrder(verb="update", table="app", id=2, values={"declaration": EXPENSES}))
    expect(tab.page.locator("#sort-receipt")).to_have_count(0)


def test_an_address_that_means_nothing_is_said_and_shows_the_list(tab: Tab):
    look(tab, "?view=table&sort=price")
    expect(tab.page.locator("#look-problem")).to_contain_text("is 'price', which is no field of it")
    expect(tab.page.locator("#expense-list > li")).to_have_count(5)
    tab.is_at("/apps/expenses")


def test_the_assistant_shows_rows_in_another_way_when_it_is_asked_to(tab: Tab):
    page = tab.page
    other = tab.second()
    tab.say("Show it as a calendar")
    expect(page.locator("#expense-calendar")).to_be_visible()
    expect(other.page.locator("#expense-calendar")).to_be_visible()
    expect(tab.messages("action").last).to_contain_text("Opened expenses as calendar.")
    tab.answered()
    tab.say("show the shops as a table")
    expect(page.locator("#shop-table")).to_be_visible()
    page.locator("#view-list").click()
    expect(page.locator("#shop-list > li")).to_have_count(1)
    tab.answered()
    tab.say("show it as a table")
    expect(page.locator("#shop-table")).to_be_visible()


def test_all_views_are_walked_through_by_keyboard_alone_and_the_focus_is_never_lost(tab: Tab):
    page = tab.page
    press(page, "#view-table")
    expect_titles(tab, "Bread", "Train", "Lamp", "Cheese", "Pen")
    press(page, "#sort-amount")
    expect_titles(tab, "Pen", "Bread", "Cheese", "Lamp", "Train")
    press(page, "#group-kind")
    expect(page.locator("tr.group").first).to_contain_text("food")
    press(page, "#expense-table .title", "Cheese")
    expect(page.locator("#row-page h3").first).to_have_text("Cheese")
    expect(page.locator("#row-page h3").first).to_be_focused()
    press(page, "#row-edit")
    expect(page.locator("#expense-update-form").get_by_label("What")).to_be_focused()
    page.keyboard.type("Goat ")
    page.keyboard.press("Enter")
    expect(page.locator("#row-page h3").first).to_contain_text("Goat")
    press(page, "#row-back")
    expect(page.locator("#expense-table")).to_be_visible()

    press(page, "#view-calendar")
    expect(page.locator("#month")).to_be_visible()
    look(tab, "?view=calendar&month=2026-11")
    press(page, "#month-before")
    expect(page.locator("#month")).to_have_text("Oct 2026")
    press(page, "#add-2026-10-21")
    expect(page.locator("#expense-insert-form").get_by_label("What")).to_be_focused()
    page.keyboard.type("Soap")
    page.keyboard.press("Enter")
    expect(page.locator("#day-2026-10-21 .title")).to_have_text("Soap")

    press(page, "#view-board")
    reach(page, ".row-card .title", "Lamp")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#column-2 .title").filter(has_text="Lamp")).to_be_visible()
    expect(card(tab, "Lamp")).to_be_focused()
    press(page, "#view-chart")
    press(page, "#over-kind")
    expect(page.locator(".numbers tbody tr").filter(has_text="travel")).to_contain_text("€83.90")
    press(page, "#view-list")
    expect(page.locator("#expense-list > li")).to_have_count(6)


def reach(page: Page, selector: str, words: str = "") -> None:
    """Press Tab until an element has the focus; before that, something else in the page must have it."""
    wanted = page.locator(selector).filter(has_text=words).first
    expect(wanted).to_be_attached()
    for _ in range(200):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def press(page: Page, selector: str, words: str = "") -> None:
    """Reach an element by Tab, and press Enter; then the focus must not have fallen to the page's body."""
    reach(page, selector, words)
    page.keyboard.press("Enter")
    expect(page.locator("body:not(:has(:focus))")).to_have_count(0)
