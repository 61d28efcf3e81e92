"""What is typed into the step of a workflow stays there, whatever happens to the page before it is sent."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, WebSocket, expect

from tests.support.assistant_page import change, open_at, quieten
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.installed_apps import install
from tests.support.system import System

TRIP = {
    "store": """
from apps.hookspecs import hook
from apps.tables import Field, Table
from apps.work.workflows import Rows, Step, Workflow

IDEA = (
    Field("place", required=True),
    Field("days", "integer", default=3, label="How many days"),
    Field("warm", "boolean", default=True),
)
STEPS = (
    Step("idea", "The idea", fields=IDEA),
    Step("pack", "What to pack", rows=Rows("thing")),
    Step("end", "Plan", result="{idea.days} days in {idea.place}, warm: {idea.warm}. {pack.rows}"),
)


@hook
def tables():
    return (Table("thing", (Field("title", required=True),)),)


@hook
def workflows():
    return (Workflow("trip", "A trip", "Plans one.", STEPS),)
""",
}
"""A workflow with a number that has a default, a switch that is on at first, and rows that are chosen at first."""

THINGS = 12
OPEN = """query => import("/static/link.js").then((link) => link.send({ do: "opened", app: "workflows", query }))"""
TYPED_BACK = """async (field) => {
  field.value = "5";
  field.dispatchEvent(new Event("change", { bubbles: true }));
  await new Promise((done) => setTimeout(done));
  field.value = "3";
  field.dispatchEvent(new Event("input", { bubbles: true }));
}"""
"""Types another number, which is sent, and at once the one of before."""
WITHOUT_SOCKET = """
const Real = WebSocket;
window.WebSocket = function () {
  if (sessionStorage.getItem("offline")) throw new Error("WebSocket: the test keeps the page offline");
  return new Real(...arguments);
};
Object.assign(window.WebSocket, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 });
"""
"""While the test says so, the page has no WebSocket."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("apps")
    install(folder, trip=TRIP)
    with System({"PYTHONPATH": str(folder)}) as system:
        system.start(*EVERYTHING)
        quieten(system)
        for number in range(1, THINGS + 1):
            change(system, verb="insert", table="thing", values={"title": f"thing {number}"})
        yield system


@pytest.fixture
def tab(running: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab with a run at its first step."""
    open_at(running, "workflows")
    with chromium.visit(running, reduced_motion="reduce") as tab:
        tab.is_at("/apps/workflows")
        begin(tab)
        yield tab


def begin(tab: Tab) -> None:
    tab.page.get_by_role("button", name="Begin A trip").click()
    expect(days(tab)).to_be_visible()


def key(tab: Tab) -> str:
    """Return the key of the run in view."""
    return tab.page.url.rpartition("run=")[2].partition("&")[0]


def run(tab: Tab) -> dict[str, Any]:
    """Return the run in view as it is stored."""
    found: dict[str, Any] = change(tab.system, verb="get", table="workflow_run", id=key(tab))[0]
    return found


def place(tab: Tab) -> Locator:
    return tab.page.get_by_label("Place")


def days(tab: Tab) -> Locator:
    return tab.page.get_by_label("How many days")


def finish(tab: Tab) -> dict[str, Any]:
    """Press Next; return what the first step holds then."""
    place(tab).fill("Turku")
    tab.page.locator("#run-next").click()
    expect(tab.page.locator("#run-steps > li[data-step=pack]")).to_have_attribute("data-state", "current")
    held: dict[str, Any] = run(tab)["data"]["idea"]
    return held


def draw_again(tab: Tab) -> None:
    """Have the pane drawn again by a fact of another table, and wait until it was."""
    tab.page.evaluate("document.querySelector('#app').dataset.seen = 'yes'")
    change(tab.system, verb="insert", table="thing", values={"title": "a thing"})
    expect(tab.page.locator("#app:not([data-seen])")).to_be_attached()


def saved(tab: Tab) -> None:
    """Wait until the server has all that was sent."""
    tab.page.evaluate("import('/static/link.js').then((link) => link.settled())")


# --- the form is drawn again while it is typed into ---


def test_a_number_that_is_typed_while_facts_come_is_what_was_typed(tab: Tab):
    days(tab).focus()
    tab.page.keyboard.press("Control+A")
    draw_again(tab)
    for digit in "147":
        tab.page.keyboard.type(digit)
        draw_again(tab)
        expect(days(tab)).to_be_focused()

    expect(days(tab)).to_have_value("147")
    assert finish(tab)["days"] == 147


def test_a_number_goes_on_where_it_was_after_it_was_kept(tab: Tab):
    days(tab).focus()
    tab.page.keyboard.press("Control+A")
    for digit in "147":
        tab.page.keyboard.type(digit)
        expect_kept(tab, "days", tab.page.evaluate("document.activeElement.value"))
        draw_again(tab)

    expect(days(tab)).to_have_value("147")


def expect_kept(tab: Tab, field: str, value: str) -> None:
    """Wait until the page was drawn with what is typed."""
    expect(tab.page.locator(f"#app [name=field-{field}]")).to_have_attribute("value", value)


def test_a_number_that_is_none_yet_is_not_replaced(tab: Tab):
    sockets: list[WebSocket] = []
    tab.page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 (Playwright takes no builtin)
    tab.page.clock.install()
    tab.reload()
    days(tab).focus()
    tab.page.keyboard.press("Control+A")
    tab.page.keyboard.type("-")
    tab.page.clock.pause_at(datetime.now() + timedelta(seconds=1))  # it is held for three seconds only
    with sockets[-1].expect_event("framereceived", lambda frame: 'id="app"' in str(frame)):
        change(tab.system, verb="insert", table="thing", values={"title": "a thing"})
    tab.page.keyboard.type("2")
    tab.page.clock.resume()
    draw_again(tab)

    expect(days(tab)).to_have_value("-2")


def test_a_number_that_is_typed_back_while_the_one_before_is_kept_stays_so(tab: Tab):
    days(tab).evaluate(TYPED_BACK)
    saved(tab)
    draw_again(tab)

    assert finish(tab)["days"] == 3


# --- the page loses its server, or its run, for a moment ---


def test_what_is_typed_outlives_a_restart_of_the_server_before_it_was_kept(tab: Tab):
    tab.tolerates_lost_connection = True
    for number in range(4, 8):
        tab.system.kill("web")
        days(tab).fill(str(number))
        tab.system.start("web")
        tab.connected()
        expect(days(tab)).to_have_value(str(number))
    saved(tab)
    tab.reload()

    expect(days(tab)).to_have_value("7")
    assert finish(tab)["days"] == 7


def test_what_is_typed_while_the_store_is_away_is_kept_in_its_order(tab: Tab):
    tab.tolerates_lost_connection = True
    tab.system.kill("store")
    for number in range(4, 12):
        days(tab).fill(str(number))
        place(tab).focus()
    tab.system.start("store")
    saved(tab)
    tab.reload()

    expect(days(tab)).to_have_value("11")
    assert finish(tab)["days"] == 11


def test_what_was_on_its_way_when_the_page_was_reloaded_stands_in_the_form_at_once(tab: Tab):
    page = tab.page
    tab.tolerates_lost_connection = True
    page.add_init_script(WITHOUT_SOCKET)
    tab.reload()
    page.evaluate("sessionStorage.setItem('offline', 'yes')")
    tab.system.kill("web")
    days(tab).fill("6")
    page.get_by_label("Warm").uncheck()
    tab.system.start("web")
    page.reload()

    expect(days(tab)).to_have_value("6")
    expect(page.get_by_label("Warm")).not_to_be_checked()
    page.evaluate("sessionStorage.removeItem('offline')")
    page.reload()
    tab.connected()
    saved(tab)
    held = finish(tab)
    assert (held["days"], held["warm"]) == (6, False)


def test_what_is_typed_comes_back_with_a_run_that_was_gone_for_a_moment(tab: Tab):
    place(tab).focus()
    days(tab).fill("8")
    change(tab.system, verb="delete", table="workflow_run", id=key(tab))
    expect(days(tab)).to_have_count(0)
    deleted = change(tab.system, verb="list", table="change", where={"subject": "workflow_run"}, sort="-id", limit=1)
    change(tab.system, verb="undo", table="", values={"change": deleted[0]["id"]})

    expect(days(tab)).to_have_value("8")
    assert finish(tab)["days"] == 8


def test_what_is_typed_into_one_run_comes_into_no_other(tab: Tab):
    other = key(tab)
    tab.page.get_by_role("link", name="All workflows").click()
    begin(tab)
    first = tab.page.url
    days(tab).fill("9")
    tab.page.evaluate(OPEN, f"run={other}")
    expect(tab.page).not_to_have_url(first)

    expect(days(tab)).to_have_value("3")
    tab.page.go_back()
    expect(tab.page).to_have_url(first)
    expect(days(tab)).to_have_value("9")


# --- boxes ---


def test_boxes_stay_as_they_were_ticked(tab: Tab):
    page = tab.page
    page.get_by_label("Warm").uncheck()
    saved(tab)
    tab.reload()
    expect(page.get_by_label("Warm")).not_to_be_checked()
    assert finish(tab)["warm"] is False

    boxes = page.locator("#run-rows input")
    for number in range(boxes.count()):
        boxes.nth(number).uncheck()
    saved(tab)
    tab.reload()
    expect(page.locator("#run-rows input:checked")).to_have_count(0)
    page.get_by_label("thing 12", exact=True).check()
    saved(tab)
    tab.reload()
    expect(page.locator("#run-rows input:checked")).to_have_count(1)
    expect(page.get_by_label("thing 12", exact=True)).to_be_checked()


# --- what is sent ---


def test_an_emptied_number_is_not_replaced_by_its_default(tab: Tab):
    place(tab).fill("Turku")
    days(tab).fill("")
    tab.page.locator("#run-next").click()

    expect(tab.page.locator("#notices")).to_contain_text("“How many days” is empty. Give it a whole number.")
    expect(days(tab)).to_have_value("")
    days(tab).fill("4")
    assert finish(tab)["days"] == 4


@pytest.mark.parametrize(("width", "height"), [(1280, 500), (320, 640)])
def test_the_buttons_of_a_step_can_be_scrolled_out_from_under_notices(tab: Tab, width: int, height: int):
    page = tab.page
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("import('/static/notices.js').then(({ notice }) => { notice('One. '.repeat(60)); notice('Two.'); })")
    expect(page.locator("#notices .notice")).to_have_count(2)
    page.locator("#app").evaluate("app => app.scrollTo(0, app.scrollHeight)")

    last = page.get_by_role("link", name="All workflows").bounding_box()
    notices = page.locator("#notices").bounding_box()
    assert last
    assert notices
    assert last["y"] + last["height"] <= notices["y"]

    for shown in page.locator("#notices .notice").all()[::-1]:
        shown.click()
    expect(page.locator("body.noticed")).to_have_count(0)
