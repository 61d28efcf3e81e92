"""An app that is made by hand in the page: its form, a row, a change of its fields, undo, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.system import System


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

    page.locator("#actions-menu > summary").click()
    page.get_by_role("button", name="Change this app …").click()
    form = page.locator("#own-app-form")
    expect(form.get_by_label("Name of the app")).to_have_value("Meine Pflanzen")
    form.locator("input[name=t0f2label]").fill("Zimmer")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#pflanze-form input[name=zimmer]")).to_be_visible()
    page.locator("#undo").get_by_role("button", name="Undo").click()
    expect(page.locator("#pflanze-form input[name=zimmer]")).to_have_count(0)
    expect(page.locator("#pflanze-list > li")).to_contain_text("Monstera")

    page.locator("#actions-menu > summary").click()
    page.get_by_role("button", name="Change this app …").click()
    page.locator("#own-app-form").get_by_role("button", name="Remove the app").click()
    expect(page.locator("#app-title")).to_have_text("Todo")
    page.locator("#undo").get_by_role("button", name="Undo").click()
    page.locator("#app-menu > summary").click()
    page.locator("#app-meine-pflanzen").click()
    expect(page.locator("#pflanze-list > li")).to_contain_text("Monstera")
