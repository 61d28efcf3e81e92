"""An app that is made by hand in the page: its form, a row, a change of its fields, undo, in a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from apps.tables import Row
from bus.messages import StoreOrder
from bus.store_client import ask_store
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.system import Guest, System

SHELF: Row = {
    "label": "Shelf",
    "tables": [
        {
            "label": "a book",
            "fields": [{"label": "Name", "required": True}, {"label": "Price", "type": "money"}],
            "views": [{"kind": "table", "sort": "-Price"}],
            "opens": "table",
        }
    ],
}


JAR = [{"label": "Name", "required": True}, {"label": "Filled"}]


def insert(system: System, table: str, *rows: Row) -> None:
    async def send(guest: Guest) -> None:
        for row in rows:
            await ask_store(guest.bus, StoreOrder(verb="insert", table=table, values=row))

    system.visit(send)


def declare(system: System, declaration: Row) -> None:
    async def send(guest: Guest) -> None:
        await ask_store(guest.bus, StoreOrder(verb="insert", table="app", values={"declaration": declaration}))

    system.visit(send)


def begin(page: Page, label: str, row: str) -> Locator:
    """Open the form of a new app, and say how the app and its rows are called."""
    page.locator("#app-menu > summary").click()
    page.get_by_role("button", name="New app …").click()
    form = page.locator("#own-app-form")
    form.get_by_label("Name of the app").fill(label)
    form.get_by_label("One row is called").fill(row)
    return form


def change(page: Page) -> Locator:
    """Open the form of the app in view."""
    page.locator("#actions-menu > summary").click()
    page.get_by_role("button", name="Change this app …").click()
    return page.locator("#own-app-form")


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store", "agent", "web")
        yield made


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce") as tab:
        yield tab


def test_an_app_is_made_in_a_form_changed_and_taken_back(tab: Tab):
    page, other = tab.page, tab.second()
    page.locator("#app-menu > summary").click()
    page.get_by_role("button", name="New app …").click()
    form = page.locator("#own-app-form")
    expect(form).to_be_visible()
    assert violations(tab) == []
    form.get_by_label("Name of the app").fill("Meine Pflanzen")
    form.get_by_label("Icon").fill("🌱")
    form.get_by_label("One row is called").fill("eine Pflanze")
    form.get_by_label("Name of field 2").fill("Fällig")
    form.get_by_label("Type of field 2").select_option("integer")
    form.get_by_role("button", name="Make the app").click()
    expect(form).to_have_count(0)

    for one in (page, other.page):
        one.locator("#app-menu > summary").click()
        expect(one.locator("#app-meine-pflanzen")).to_contain_text("🌱 Meine Pflanzen")
    page.locator("#app-meine-pflanzen").click()
    expect(page.locator("#app-title")).to_have_text("🌱 Meine Pflanzen")
    page.locator("#pflanze-form input[name=name]").fill("Monstera")
    page.locator("#pflanze-form input[name=faellig]").fill("7")
    page.locator("#pflanze-form button[type=submit]").click()
    expect(page.locator("#pflanze-list > li")).to_contain_text("Monstera")

    form = change(page)
    expect(form.get_by_label("Name of the app")).to_have_value("Meine Pflanzen")
    form.locator("input[name=t0f2label]").fill("Zimmer")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#pflanze-form input[name=zimmer]")).to_be_visible()
    page.locator("#undo").get_by_role("button", name="Undo").click()
    expect(page.locator("#pflanze-form input[name=zimmer]")).to_have_count(0)
    expect(page.locator("#pflanze-list > li")).to_contain_text("Monstera")

    change(page).get_by_role("button", name="Remove the app").click()
    expect(page.locator("#app-title")).to_have_text("Todo")
    page.locator("#undo").get_by_role("button", name="Undo").click()
    page.locator("#app-menu > summary").click()
    page.locator("#app-meine-pflanzen").click()
    expect(page.locator("#pflanze-list > li")).to_contain_text("Monstera")


def test_views_links_limits_and_a_second_table_are_declared_by_keyboard(tab: Tab):
    page = tab.page
    form = begin(page, "Cellar", "a wine")
    for number, (label, kind) in enumerate((("Price", "money"), ("Bought", "date"), ("Maker", "link")), start=2):
        form.get_by_label(f"Name of field {number}").fill(label)
        form.get_by_label(f"Type of field {number}").select_option(kind)
    price = form.get_by_role("group", name="Field 2", exact=True)
    price.locator("summary").press("Enter")
    expect(price.get_by_label("Choices")).to_be_hidden()
    price.get_by_label("Unit").fill("EUR")
    price.get_by_label("At least").fill("0")
    form.get_by_label("Move field 3 up").press("Enter")
    expect(form.get_by_label("Name of field 2")).to_have_value("Bought")
    expect(form.get_by_label("Move field 2 up")).to_be_enabled()

    form.get_by_role("button", name="Add a table").press("Enter")
    maker = form.get_by_role("group", name="Table 2")
    maker.get_by_label("One row is called").fill("a maker")
    form.get_by_role("button", name="Views …").first.press("Enter")
    views = form.get_by_role("group", name="Views")
    expect(form.get_by_role("button", name="Views …").first).to_be_focused()
    assert violations(tab) == []
    views.get_by_role("checkbox", name="Board").uncheck()
    views.get_by_label("Opens with").select_option("table")
    views.get_by_label("Table: sorts by").select_option("Price")
    views.get_by_label("the largest first").check()
    link = form.get_by_role("group", name="Field 4", exact=True).first
    link.get_by_label("Leads to rows of").select_option("a maker")
    form.get_by_role("button", name="Make the app").press("Enter")
    expect(form).to_have_count(0)

    page.goto(f"{tab.base}/apps/cellar")
    tab.connected()
    expect(page.locator("#views > a")).to_have_text(["Table", "List", "Calendar", "Chart"])
    expect(page.locator("#view-table")).to_have_attribute("aria-current", "true")
    expect(page.locator("#tables > a")).to_have_text(["Wines", "Makers"])
    page.get_by_role("button", name="Add a wine …").click()
    new = page.get_by_role("dialog", name="New wine")
    new.get_by_label("Name").fill("Barolo")
    new.get_by_label("Price").fill("-5")
    new.get_by_role("button", name="Add").click()
    expect(new.locator(".fault")).to_contain_text("at least")
    new.get_by_label("Price").fill("30")
    new.get_by_role("button", name="Add").click()
    expect(page.locator("#app table tbody")).to_contain_text("€30")
    page.locator("#view-list").click()
    expect(page).to_have_url(re.compile(r"view=list"))
    page.reload()
    expect(page.locator("#wine-list > li")).to_contain_text("Barolo")


def test_rows_that_do_not_fit_a_new_type_are_shown_and_asked_about(system: System, tab: Tab):
    page = tab.page
    declare(system, {"label": "Jars", "tables": [{"name": "jar", "label": "a jar", "fields": JAR}]})
    insert(system, "jar", {"name": "Plums", "filled": "2026-08-01"}, {"name": "Beans", "filled": "last summer"})
    page.goto(f"{tab.base}/apps/jars")
    tab.connected()
    form = change(page)
    form.get_by_label("Type of field 2").select_option("date")
    form.get_by_role("button", name="Save").click()

    question = page.get_by_role("dialog", name="Some values do not fit")
    expect(question).to_contain_text("“Beans” (last summer)")
    assert violations(tab) == []
    question.get_by_role("button", name="Leave it").press("Enter")
    expect(question).to_have_count(0)
    expect(form.get_by_label("Type of field 2")).to_have_value("date")
    form.get_by_role("button", name="Save").click()
    question.get_by_role("button", name="Change it").click()
    expect(form).to_have_count(0)
    expect(question).to_have_count(0)
    expect(page.locator("#jar-list > li", has_text="Plums")).to_contain_text("Aug 2026")
    expect(page.locator("#jar-list")).not_to_contain_text("last summer")
    page.locator("#undo").get_by_role("button", name="Undo").click()
    expect(page.locator("#jar-list")).to_contain_text("last summer")


def test_the_form_fits_a_small_screen_and_refuses_what_does_not_fit(system: System, tab: Tab):
    page = tab.page
    declare(system, SHELF)
    page.set_viewport_size({"width": 320, "height": 780})
    page.goto(f"{tab.base}/apps/shelf")
    tab.connected()
    form = change(page)
    form.get_by_role("button", name="Views …").first.click()
    views = form.get_by_role("group", name="Views")
    expect(views.get_by_label("Opens with")).to_have_value("table")
    expect(views.get_by_label("Table: sorts by")).to_have_value("price")
    expect(views.get_by_label("the largest first")).to_be_checked()
    assert form.evaluate("one => one.scrollWidth <= one.clientWidth")
    views.get_by_label("Unique together").fill("Name, Colour")
    form.get_by_role("button", name="Save").click()
    expect(views.locator(".fault")).to_contain_text("“Colour”, which is no field here")
    expect(views.get_by_label("Unique together")).to_have_value("Name, Colour")
    views.get_by_label("Unique together").fill("Name, Price")
    form.get_by_label("Name of field 1").fill("Title")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    expect(page.locator("#app")).to_contain_text("Title")


def test_what_is_refused_is_marked_in_the_form_which_keeps_everything(tab: Tab):
    page = tab.page
    form = begin(page, "Cellar of mine", "a bottle")
    form.get_by_label("Name of field 3").fill("Price")
    form.get_by_label("Type of field 3").select_option("money")
    price = form.get_by_role("group", name="Field 3", exact=True)
    price.locator("summary").click()
    price.get_by_label("Unit").fill("quid")
    price.get_by_label("At least").fill("much")
    price.locator("summary").click()
    form.get_by_role("button", name="Make the app").click()

    unit = price.get_by_label("Unit")
    expect(unit).to_be_focused()
    expect(unit).to_have_attribute("aria-invalid", "true")
    expect(price.locator(".fault")).to_have_text(
        "“Price” is in 'quid', which is no currency. Expected a code like EUR or USD."
    )
    assert violations(tab) == []
    unit.fill("€")
    expect(price.locator(".fault")).to_have_count(0)
    unit.press("Enter")
    least = price.get_by_label("At least")
    expect(least).to_be_focused()
    expect(price.locator(".fault")).to_contain_text("Least of Price")
    least.fill("2")

    form.get_by_role("button", name="Views …").click()
    together = form.get_by_label("Unique together")
    together.fill("Name, Colour")
    form.get_by_role("button", name="Make the app").click()
    expect(together).to_be_focused()
    expect(form.locator(".fault")).to_contain_text("“Colour”, which is no field here")
    expect(form.get_by_label("Name of the app")).to_have_value("Cellar of mine")
    expect(form.get_by_label("Name of field 3")).to_have_value("Price")
    together.fill("Name, Price")
    form.get_by_role("button", name="Make the app").click()
    expect(form).to_have_count(0)
    page.locator("#app-menu > summary").click()
    expect(page.locator("#app-cellar-of-mine")).to_be_visible()


def test_a_part_that_is_folded_is_opened_where_something_in_it_is_wrong(system: System, tab: Tab):
    page = tab.page
    fields = [{"label": "Name", "required": True}, {"label": "Colour"}]
    declare(
        system, {"label": "Inks", "tables": [{"label": "an ink", "fields": fields, "unique": [["Name", "Colour"]]}]}
    )
    page.goto(f"{tab.base}/apps/inks")
    tab.connected()
    form = change(page)
    form.get_by_label("Name of field 3").fill("Bought")
    form.get_by_label("Remove field 2").click()
    together = form.get_by_label("Unique together")
    expect(form.get_by_label("Name of field 2")).to_have_value("Bought")  # the other one is removed
    expect(together).to_be_hidden()
    form.get_by_role("button", name="Save").click()

    expect(together).to_be_focused()
    expect(form.locator(".fault")).to_contain_text("“Colour”, which is no field here. There are: Name, Bought.")
    expect(together).to_have_accessible_description(re.compile("which is no field here.*No two rows"))
    together.fill("")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
