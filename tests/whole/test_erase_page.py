"""Delete for good in a real browser: the question says what cannot be reached, and nothing of the row is left."""

from playwright.sync_api import Locator, expect

from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.system import System

WORD = "xyzzyplugh"


def ask(tab: Tab, row: Locator) -> None:
    """Choose to delete a row for good, and look at the question."""
    tab.do_with(row, "Delete for good …")
    expect(tab.page.locator("#erase")).to_contain_text("What this does not reach")


def test_a_row_and_what_was_deleted_before_are_deleted_for_good_after_a_question(
    shared_system: System, chromium: Chromium
):
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab:
        delete_both(tab)


def delete_both(tab: Tab) -> None:
    """Delete one row for good in its list, and one that was deleted before in the journal."""
    page = tab.page
    for title in (f"{WORD} one", f"{WORD} two"):
        page.locator("#todo-form input[name=title]").fill(title)
        page.locator("#todo-form input[name=title]").press("Enter")
        expect(page.locator("#todo-list > li").filter(has_text=title)).to_be_visible()
    first = page.locator("#todo-list > li").filter(has_text=f"{WORD} one")

    ask(tab, first)
    assert violations(tab) == []
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#erase")).to_have_count(0)
    expect(first).to_be_visible()

    ask(tab, first)
    page.get_by_role("button", name="Delete for good", exact=True).click()
    expect(first).to_have_count(0)
    expect(page.locator("#erase")).to_have_count(0)

    second = page.locator("#todo-list > li").filter(has_text=f"{WORD} two")
    tab.do_with(second, "Delete")
    expect(second).to_have_count(0)
    page.goto(f"{tab.base}/apps/journal")
    tab.connected()
    entry = page.locator("#journal-list .entry").filter(has_text=f"{WORD} two").first
    entry.locator("summary").first.click()
    entry.get_by_role("button", name="Delete for good …").click()
    page.get_by_role("button", name="Delete for good", exact=True).click()

    expect(page.locator("#journal-list .entry").first).to_contain_text("deleted for good")
    expect(page.locator("#app")).not_to_contain_text(WORD)
