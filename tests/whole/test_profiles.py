"""Profiles: made, renamed, chosen and deleted, with what becomes of their rows."""

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from bus.messages import StoreOrder
from tests.support.axe import violations
from tests.support.browser import Chromium
from tests.support.browser import Tab as BrowserTab
from tests.support.http_client import Tab, Visitor
from tests.support.system import Guest, System, run_apart


@pytest.fixture
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store", "web")
        yield made


@asynccontextmanager
async def at_work(system: System):
    """A guest on the bus, and a tab that shows the profiles."""
    visitor = Visitor(system)
    async with system.guest() as guest, visitor.tab(visitor.page("/apps/profiles")) as tab:
        yield guest, tab, visitor


async def rows(guest: Guest, table: str, **where: Any) -> list[dict[str, Any]]:
    answer = (await guest.bus.ask(StoreOrder(verb="list", table=table, where=where, limit=1000), table)).message
    assert answer.ok, answer.error
    return answer.rows


async def fill(guest: Guest, tab: Tab, count: int) -> None:
    """Make a second profile, bring it into view, and give it todos."""
    assert await tab.command("profile-create", name="Work") == ""
    assert await tab.command("set", key="profile", value="2") == ""
    await add_todos(guest, count)


async def add_todos(guest: Guest, count: int) -> None:
    """Give the second profile todos."""
    orders = [{"verb": "insert", "table": "todo", "values": {"title": f"w{n}", "profile": 2}} for n in range(count)]
    await guest.bus.ask(StoreOrder(verb="batch", table="todo", values={"orders": orders}), "todo")


@pytest.mark.parametrize("fate", ["move", "delete"])
def test_a_profile_goes_with_its_rows_in_one_step_that_can_be_undone(system: System, fate: str):
    async def see() -> None:
        async with at_work(system) as (guest, tab, visitor), visitor.tab() as other:
            await fill(guest, tab, 3)
            await tab.until(lambda frame: "3 todos" in frame)
            before = await rows(guest, "todo")
            assert await tab.command("profile-delete", id="2", rows=fate, to="1") == ""
            assert [row["name"] for row in await rows(guest, "profile")] == ["Me"]
            assert [row["profile"] for row in await rows(guest, "todo")] == ([1, 1, 1] if fate == "move" else [])
            said = await other.until(lambda frame: frame.startswith("?\n"))
            assert "“Work” was deleted" in said
            assert "“Me” is shown now" in said
            changes = await rows(guest, "change", subject=["todo", "profile"], verb=["delete", "update"])
            assert len({change["asked"] for change in changes}) == 1
            assert await tab.command("undo-step", order=changes[0]["asked"]) == ""
            assert await rows(guest, "todo") == before
            assert [row["name"] for row in await rows(guest, "profile")] == ["Me", "Work"]

    run_apart(see())


def test_more_rows_than_fit_into_a_batch_are_moved_and_all_arrive(system: System):
    async def see() -> None:
        async with at_work(system) as (guest, tab, _):
            await fill(guest, tab, 600)
            orders = [
                {"verb": "insert", "table": "todo", "values": {"title": f"v{n}", "profile": 2}} for n in range(600)
            ]
            await guest.bus.ask(StoreOrder(verb="batch", table="todo", values={"orders": orders}), "todo")
            assert await tab.command("profile-delete", id="2", rows="move", to="1") == ""
            listed = await guest.bus.ask(StoreOrder(verb="list", table="todo", where={"profile": 1}), "todo")
            assert listed.message.total == 1200
            assert [row["id"] for row in await rows(guest, "profile")] == [1]

    run_apart(see())


def test_the_last_profile_stays_and_so_does_one_that_the_plain_command_would_delete(system: System):
    async def see() -> None:
        async with at_work(system) as (guest, tab, _):
            assert "is the only profile, so it stays" in await tab.command("profile-delete", id="1", rows="delete")
            assert "in the app Profiles" in await tab.command("delete", table="profile", id="1")
            assert await tab.command("profile-create", name="Work") == ""
            assert "Choose the profile that the rows go to" in await tab.command(
                "profile-delete", id="2", rows="move", to="2"
            )
            assert "was deleted already" in await tab.command("profile-delete", id="7", rows="delete")
            assert len(await rows(guest, "profile")) == 2

    run_apart(see())


def test_two_tabs_that_delete_the_last_two_profiles_leave_one(system: System):
    async def see() -> None:
        async with at_work(system) as (guest, tab, visitor), visitor.tab() as other:
            assert await tab.command("profile-create", name="Work") == ""
            first, second = await asyncio.gather(
                tab.command("profile-delete", id="1", rows="delete"),
                other.command("profile-delete", id="2", rows="delete"),
            )
            assert [first, second].count("") == 1
            assert len(await rows(guest, "profile")) == 1

    run_apart(see())


def test_names_are_unique_and_not_empty(system: System):
    async def see() -> None:
        async with at_work(system) as (guest, tab, _):
            assert "“Me” already" in await tab.command("profile-create", name=" me ")
            assert "is empty" in await tab.command("profile-create", name="  ")
            assert "at most 100" in await tab.command("profile-create", name="x" * 101)
            assert await tab.command("profile-rename", id="1", name="ME") == ""
            assert [row["name"] for row in await rows(guest, "profile")] == ["ME"]

    run_apart(see())


# --- in the page ---


def open_profiles(tab: BrowserTab) -> None:
    tab.page.locator("#app-menu > summary").click()
    tab.page.locator("#app-profiles").click()
    expect(tab.page.locator("#profile-form")).to_be_visible()


def row(tab: BrowserTab, name: str) -> Locator:
    return tab.page.locator("#profile-list > li").filter(has_text=name)


def test_a_profile_is_made_chosen_renamed_and_deleted_while_another_tab_shows_it(system: System, chromium: Chromium):
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce") as tab:
        other = tab.second()
        open_profiles(tab)
        tab.page.fill("#profile-form input[name=name]", "Wrok")
        tab.page.keyboard.press("Enter")
        row(tab, "Wrok").hover()
        row(tab, "Wrok").get_by_role("button", name="Rename").click()
        tab.page.keyboard.type("Work")
        tab.page.keyboard.press("Enter")
        row(tab, "Work").get_by_role("button", name="Choose").click()
        expect(row(tab, "Work")).to_contain_text("in view")
        expect(other.page.locator("#profile-menu > summary")).to_have_text("Work")
        other.add("Only here")
        expect(other.todo("Only here")).to_be_visible()
        expect(row(tab, "Work")).to_contain_text("1 todo")
        assert violations(tab) == []
        row(tab, "Work").hover()
        row(tab, "Work").get_by_role("button", name="Delete").click()
        question = tab.page.get_by_role("dialog")
        expect(question).to_contain_text("It has 1 todo.")
        assert violations(tab) == []
        other.add("And another")
        expect(other.todo("And another")).to_be_visible()
        question.get_by_role("button", name="Delete the profile").click()
        expect(question).to_contain_text("It has 2 todos.")
        question.get_by_role("button", name="Delete the profile").click()
        expect(other.page.get_by_role("alert")).to_contain_text("The profile “Work” was deleted. “Me” is shown now.")
        expect(other.page.locator("#profile-menu > summary")).to_have_text("Me")
        expect(other.todo("Only here")).to_be_visible()
        expect(row(tab, "Work")).to_have_count(0)
        row(tab, "Me").hover()
        row(tab, "Me").get_by_role("button", name="Delete").click()
        expect(tab.page.get_by_role("alert").get_by_text("is the only profile, so it stays")).to_be_visible()
