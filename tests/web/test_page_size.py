"""How large a page is when the tables are full, what it loads, how it is installed, and what web keeps."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from bus.bus import new_id
from bus.messages import LlmFinished, LlmToken, StoreOrder
from tests.support.browser import Chromium
from tests.support.full_tables import CONVERSATIONS, MESSAGES, ROWS, fill
from tests.support.http_client import Visitor
from tests.support.system import Guest, System
from tests.support.transfers import Loads
from web.html.first_page import LARGEST_PAGE_BYTES

MOST_REQUESTS_FIRST, MOST_REQUESTS_AGAIN = 6, 3
LARGEST_OWN_SCRIPT = 60_000
"""Bytes, unpacked, as served: without indentation, and without lines that are only comments."""
MANIFEST = """async () => {
  const address = document.querySelector("link[rel=manifest]").href;
  const told = await (await fetch(address)).json();
  const icons = told.icons.filter(({ type }) => type === "image/png").map(({ src }) => new URL(src, address));
  const drawn = icons.map(async (icon) => createImageBitmap(await (await fetch(icon)).blob()));
  return { ...told, drawn: (await Promise.all(drawn)).map(({ width, height }) => [width, height]) };
}"""
"""What the page tells a browser that installs it, and the sizes of the icons as the browser draws them."""
GENERATIONS, TOKEN_BYTES = 60, 900_000
APPS = ("todo", "journal", "jobs", "profiles", "links", "simulator", "workflows", "schedules", "morning", "memory")
APPS += ("macros", "permissions")


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store", "web")
        fill(made)
        yield made


@pytest.fixture(scope="module")
def visitor(system: System) -> Visitor:
    return Visitor(system)


@pytest.mark.parametrize("app", APPS)
def test_a_page_is_small_whatever_stands_in_the_tables(visitor: Visitor, app: str) -> None:
    status, _, page = visitor.ask(f"/apps/{app}")

    assert status == 200
    assert len(page.encode()) <= LARGEST_PAGE_BYTES
    assert 'id="message-60"' in page


def test_what_does_not_fit_comes_when_it_is_wanted(visitor: Visitor) -> None:
    page = visitor.ask("/apps/todo")[2]

    assert page.count('class="row"') > 5
    assert "Show more" in page
    assert "more models are not shown. Search for a part of the name." in page


def test_a_browser_that_was_here_asks_for_nothing_but_the_page_and_the_websocket(system: System, chromium: Chromium):
    loads = Loads(chromium.browser, system)
    try:
        first, second = loads.first(), loads.load()
    finally:
        loads.close()

    assert len(first.requests) <= MOST_REQUESTS_FIRST, first.requests
    assert len(second.requests) <= MOST_REQUESTS_AGAIN, second.requests
    assert 10_000 < first.own_script == second.own_script < LARGEST_OWN_SCRIPT


def test_paper_has_the_whole_conversation_and_the_whole_list(visitor: Visitor) -> None:
    talk, rows = visitor.ask(f"/print/talk/{CONVERSATIONS}")[2], visitor.ask("/print/apps/todo")[2]

    assert re.findall(r'<div class="text(?: plain)?" dir="auto">(?:<p>)?(\d+) ', talk) == [*map(str, range(MESSAGES))]
    assert re.findall(r'<td dir="auto">(\d+) ', rows) == [*map(str, range(ROWS))]
    assert f"{ROWS} todos." in rows
    assert "No todos." in visitor.ask("/print/apps/todo?done=yes")[2]
    for page in (talk, rows):
        assert page.endswith("</html>")
        assert "<b>" not in page
        assert "<button" not in page


@pytest.mark.parametrize("path", ["talk/999999", "talk/new", "talk/x", "apps/nothing"])
def test_paper_for_what_is_not_there_is_a_sentence(visitor: Visitor, path: str) -> None:
    status, _, page = visitor.ask(f"/print/{path}")

    assert status == 404
    assert "not there" in page or "no app" in page


def test_web_keeps_no_text_of_a_generation_that_writes_no_message(system: System, visitor: Visitor) -> None:
    async def play(guest: Guest) -> int:
        for number in range(GENERATIONS):
            generation = f"{number}.title"
            guest.bus.say(LlmToken(generation=generation, index=0, text="x" * TOKEN_BYTES), "1")
            guest.bus.say(LlmFinished(generation=generation, text="x", reason="stop"), "1")
            values = {"title": "said after it", "profile": 1}
            heard = await guest.bus.ask(StoreOrder(verb="insert", table="todo", values=values), "todo", id=new_id())
        return int(heard.message.revision)

    before = system.memory("web")
    made = system.visit(play)
    visitor.wait_until_known(made)
    assert system.memory("web") - before < GENERATIONS * TOKEN_BYTES / 3


def test_it_installs_as_an_app_whose_shell_says_how_to_start_a_server_that_is_off(system: System, chromium: Chromium):
    loads = Loads(chromium.browser, system)
    page = loads.page
    try:
        loads.first()
        page.evaluate("navigator.serviceWorker.ready.then(() => 'ready')")
        told = page.evaluate(MANIFEST)
        assert (told["display"], told["start_url"]) == ("standalone", "/")
        assert told["drawn"] == [[192, 192], [512, 512], [192, 192], [512, 512]]
        page.goto(f"http://127.0.0.1:{system.port}/healthz")
        page.evaluate("address => { location.href = address; }", f"{loads.base}/export/todo.csv")
        expect(page.locator("body")).to_contain_text("Another site asked for this, so it was refused.")
        assert len(loads.load().requests) <= MOST_REQUESTS_AGAIN

        system.stop("web")
        page.goto(f"{loads.base}/apps/todo")
        expect(page.get_by_role("heading")).to_have_text("Pianola is not running")
        expect(page.locator("code").first).to_have_text("make up")
        system.start("web")
        expect(page.locator("body[data-connected=yes]")).to_be_attached()
        assert page.url.startswith(f"{loads.base}/apps/todo")
    finally:
        loads.close()
