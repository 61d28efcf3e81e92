"""Fields of every type in the page, as a reader in Berlin who reads German fills them in and sees them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from bus.messages import StoreOrder
from tests.support.axe import violations
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.installed_apps import install
from tests.support.ollama_double import OllamaDouble
from tests.support.system import Guest, System

PEOPLE = {
    "store": """
from apps.hookspecs import hook
from apps.tables import Field, Table

PERSON = Table("person", (Field("name", required=True),), label="a person")


@hook
def tables():
    return (PERSON,)
"""
}
TRIPS = {
    "store": """
from apps.hookspecs import hook
from apps.tables import Field, Table

TRIP = Table(
    "trip",
    (
        Field("title", required=True, searched=True),
        Field("begins", "date", least="2020-01-01"),
        Field("meets", "moment"),
        Field("takes", "duration"),
        Field("price", "money", unit="EUR"),
        Field("kilometres", "integer", none=True, unit="km"),
        Field("tags", "tags", searched=True),
        Field("page", "web"),
        Field("contact", "mail"),
        Field("plan", "markdown", limit=20_000),
        Field("guests", "link", to="person", several=True),
        Field("host", "link", to="person"),
    ),
    label="a trip",
)


@hook
def tables():
    return (TRIP,)
"""
}


@pytest.fixture(scope="module")
def travels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = install(tmp_path_factory.mktemp("side"), people=PEOPLE, trips=TRIPS)
    with OllamaDouble() as double, System({"OLLAMA_HOST": double.url, "PYTHONPATH": folder}) as system:
        system.start(*EVERYTHING)
        system.visit(furnish)
        yield system


async def furnish(guest: Guest) -> None:
    for name in ("Anna", "Bob", "Carla"):
        asked = StoreOrder(verb="insert", table="person", values={"name": name}, actor="system")
        await guest.bus.ask(asked, "person")


@pytest.fixture(scope="module")
def page(chromium: Chromium, travels: System) -> Iterator[Tab]:
    with chromium.visit(
        travels, locale="de-DE", timezone_id="Europe/Berlin", bypass_csp=True, reduced_motion="reduce"
    ) as tab:
        tab.page.goto(f"{tab.base}/apps/trips")
        tab.connected()
        yield tab


def rows_of(system: System, table: str) -> list[dict[str, Any]]:
    async def ask(guest: Guest) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = (await guest.bus.ask(StoreOrder(verb="list", table=table), table)).message.rows
        return rows

    return system.visit(ask)


def fill(form: Locator, **values: str) -> None:
    for name, value in values.items():
        form.locator(f"[name={name}]").fill(value)


def row_of(page: Tab, title: str) -> Locator:
    return page.page.locator("li.row", has=page.page.get_by_text(title, exact=True))


def test_a_row_of_every_type_is_filled_in_shown_and_changed(page, travels):
    form = page.page.locator("#trip-form")
    fill(
        form,
        title="Lake",
        begins="2026-11-28",
        meets="2026-07-01T09:00",
        takes="1 h 30 min",
        price="1.234,50 €",
        kilometres="0",
        tags="home, Wasser",
        page="https://example.org/lake",
        contact="anna@example.org",
        plan="# Plan\n\n- swim",
    )
    form.locator("[name=guests]").select_option(label=["Anna", "Bob"])
    form.locator("[name=host]").select_option(label="Carla")
    form.locator("button[type=submit]").click()

    row = row_of(page, "Lake")
    for shown in (
        "28. Nov. 2026",
        "1. Juli 2026, 09:00",
        "1 h 30 min",
        "1.234,50\u00a0€",
        "0 km",
        "#home#Wasser",
        "example.org/lake",
    ):
        expect(row).to_contain_text(shown)
    expect(row.locator("h1")).to_have_text("Plan")
    expect(row.locator("button.linked")).to_have_text(["Anna", "Bob", "Carla"])
    stored = next(one for one in rows_of(travels, "trip") if one["title"] == "Lake")
    assert stored["meets"] == "2026-07-01T09:00:00+02:00[Europe/Berlin]"
    assert (stored["price"], stored["takes"], stored["kilometres"]) == ("1234.50 EUR", 5_400, 0)
    assert (stored["tags"], stored["guests"], stored["host"]) == (["home", "Wasser"], [1, 2], [3])
    assert violations(page) == []

    row.hover()
    row.locator("button.icon-edit").click()
    edit = row.locator("form.edit")
    expect(edit.locator("[name=meets]")).to_have_value("2026-07-01T09:00")
    fill(edit, kilometres="", price="5 $", begins="")
    edit.locator("[name=guests]").select_option(label=["Bob"])
    edit.locator("[name=host]").select_option(label="–")
    edit.locator("button[type=submit]").click()

    expect(row).to_contain_text("5\u00a0$")
    expect(row.locator("button.linked")).to_have_text(["Bob"])
    changed = next(one for one in rows_of(travels, "trip") if one["title"] == "Lake")
    assert changed == {**stored, "kilometres": None, "price": "5 USD", "begins": None, "guests": [2], "host": None}

    row.hover()
    row.locator("button.icon-edit").click()
    edit.locator("[name=guests]").select_option([])
    edit.locator("button[type=submit]").click()
    expect(row.locator("button.linked")).to_have_count(0)


def test_a_row_of_the_other_table_that_is_renamed_or_deleted_shows_in_its_links(page, travels):
    form = page.page.locator("#trip-form")
    fill(form, title="Hill")
    form.locator("[name=host]").select_option(label="Anna")
    form.locator("button[type=submit]").click()
    link = row_of(page, "Hill").locator("button.linked")
    expect(link).to_have_text("Anna")

    async def change(guest: Guest, **order: Any) -> None:
        await guest.bus.ask(StoreOrder(table="person", id=1, **order), "person")

    travels.visit(lambda guest: change(guest, verb="update", values={"name": "Änne"}))
    expect(link).to_have_text("Änne")
    link.click()
    expect(page.page).to_have_url(re.compile("/apps/people"))
    expect(page.page.locator("#person-row-1")).to_be_visible()
    page.page.go_back()
    travels.visit(lambda guest: change(guest, verb="delete"))
    expect(row_of(page, "Hill").locator(".gone")).to_have_text("deleted (1)")


def test_a_value_that_is_refused_is_marked_and_the_form_keeps_everything(page, travels):
    form = page.page.locator("#trip-form")
    price, fault = form.locator("[name=price]"), form.locator(".fault")
    fill(form, title="Moon", price="12 XYZ", contact="ada@example.org")
    form.locator("button[type=submit]").click()

    expect(fault).to_contain_text("`price` is in 'XYZ', which is no currency")
    expect(price).to_be_focused()
    expect(price).to_have_attribute("aria-invalid", "true")
    expect(price).to_have_accessible_description(re.compile("which is no currency"))
    expect(page.page.locator("#notices > *")).to_have_count(0)
    for name, value in {"title": "Moon", "price": "12 XYZ", "contact": "ada@example.org"}.items():
        expect(form.locator(f"[name={name}]")).to_have_value(value)
    assert violations(page) == []
    assert "Moon" not in [row["title"] for row in rows_of(travels, "trip")]

    price.press("Backspace")
    expect(fault).to_have_count(0)
    price.fill("12 EUR")
    form.locator("button[type=submit]").click()
    expect(row_of(page, "Moon")).to_contain_text("12")
    expect(form.locator("[aria-invalid]")).to_have_count(0)


def test_a_value_that_is_refused_in_an_edit_is_marked_in_the_form_that_opens_again(page):
    form = page.page.locator("#trip-form")
    fill(form, title="Mars")
    form.locator("button[type=submit]").click()
    row = row_of(page, "Mars")
    row.hover()
    row.locator("button.icon-edit").click()
    edit = row.locator("form.edit")
    fill(edit, tags="red", begins="1999-12-31")
    edit.evaluate("form => form.noValidate = true")  # the browser would refuse it first
    edit.locator("button[type=submit]").click()

    expect(edit.locator(".fault")).to_contain_text("Expected at least 1 Jan 2020")
    expect(edit.locator("[name=begins]")).to_be_focused()
    expect(edit.locator("[name=tags]")).to_have_value("red")
    edit.locator("[data-cancel]").click()
    expect(edit.locator("[aria-invalid]")).to_have_count(0)
