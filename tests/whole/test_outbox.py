"""Commands of the page end in one of three ways: done, refused for good, not reached yet. Nothing blocks the others."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.support.browser import Chromium, Tab
from tests.support.system import System

TOO_LONG = "x" * 3_300_000


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store", "web")
        yield made


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    with chromium.visit(system) as tab:
        yield tab


def test_a_text_that_cannot_be_sent_stays_in_its_field_and_blocks_nothing(tab: Tab):
    field = "#todo-form input[name=title]"
    tab.page.eval_on_selector(field, "(field, text) => (field.value = text)", TOO_LONG)
    tab.page.press(field, "Enter")
    expect(tab.page.locator("#notices")).to_contain_text("too long: 3.1 MB. At most 3.0 MB can be sent")
    assert tab.page.eval_on_selector(field, "field => field.value.length") == len(TOO_LONG)
    expect(tab.page.locator("#link")).to_have_text("")

    tab.add("after it")
    expect(tab.todo("after it")).to_be_visible()
    tab.reload()
    tab.add("later")
    expect(tab.todo("later")).to_be_visible()


def test_a_text_that_no_field_can_keep_is_not_pasted(system: System, chromium: Chromium):
    """With it in the field, which grows with its text, the browser would stand still for minutes."""
    with chromium.visit(system, permissions=["clipboard-read", "clipboard-write"]) as tab:
        tab.page.fill("#chat-input", "typed before")
        tab.page.evaluate("text => navigator.clipboard.writeText(text)", TOO_LONG)
        tab.page.press("#chat-input", "Control+v")
        expect(tab.page.locator("#notices")).to_contain_text("too long: 3,300,000 characters. At most 200,000 fit")
        expect(tab.page.locator("#chat-input")).to_have_value("typed before")

        tab.page.evaluate("navigator.clipboard.writeText(', and pasted')")
        tab.page.press("#chat-input", "Control+v")
        expect(tab.page.locator("#chat-input")).to_have_value("typed before, and pasted")


def test_what_the_connection_refuses_is_told_and_the_others_are_done(tab: Tab):
    closed: list[int] = []

    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def heard(message: str | bytes) -> None:
            if "poison" in str(message):
                closed.append(1)
                route.close(code=1009)
            else:
                server.send(message)

        route.on_message(heard)

    tab.page.route_web_socket("**/ws?*", pass_on)
    tab.reload()
    tab.tolerates_lost_connection = True
    hold = "new Promise((done) => setTimeout(done, 0))"
    tab.page.evaluate(
        f"""async () => {{
            const link = await import('/static/link.js');
            const ends = {{}};
            for (const title of ['before', 'poison', 'behind'])
                link.send({{do: 'insert', table: 'todo', title}}, (refusal) => {{
                    ends[title] = refusal !== null;
                    const names = ['before', 'poison', 'behind'].filter((name) => name in ends);
                    document.body.dataset.ends = names.map((name) => ` ${{name}}:${{ends[name]}}`).join('');
                }});
            await {hold};
        }}"""
    )
    expect(tab.todo("before")).to_be_visible()
    expect(tab.todo("behind")).to_be_visible()
    expect(tab.page.locator("#notices")).to_contain_text("The server refused this, and closed the connection (1009)")
    expect(tab.page.locator("body")).to_have_attribute("data-ends", " before:false poison:true behind:false")
    assert len(closed) <= 2
    expect(tab.page.locator("#link")).to_have_text("")


ONE_LEFT = """
async () => {
  const kept = () => sessionStorage.getItem("pianola-outbox");
  while (JSON.parse(kept()).length > 1) await new Promise(requestAnimationFrame);
  return kept();
}
"""
"""What is kept once one command is left: the row can be in view before the answer to its command has come."""


def test_a_command_whose_connection_is_lost_each_time_lets_the_others_pass(tab: Tab):
    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        route.on_message(lambda message: route.close(code=1012) if "poison" in str(message) else server.send(message))

    tab.page.route_web_socket("**/ws?*", pass_on)
    tab.reload()
    tab.tolerates_lost_connection = True
    tab.add("poison")
    tab.add("lets me pass")
    expect(tab.todo("lets me pass")).to_be_visible()
    kept = json.loads(tab.page.evaluate(ONE_LEFT))
    assert [json.loads(body)["title"] for _, body in kept] == ["poison"]


def test_a_refusal_after_a_reload_gives_the_text_back(tab: Tab):
    body = {"do": "insert", "table": "no such table", "title": "a long thought", "nonce": "nonce-of-before"}
    kept = json.dumps([[body["nonce"], json.dumps(body)]])
    tab.page.evaluate("kept => sessionStorage.setItem('pianola-outbox', kept)", kept)
    tab.reload()
    expect(tab.page.locator("#notices")).to_contain_text("Your text: a long thought")
    assert tab.page.evaluate("sessionStorage.getItem('pianola-outbox')") == "[]"


@pytest.mark.parametrize(
    "storage",
    [
        "sessionStorage.setItem('pianola-outbox', '{broken')",
        "sessionStorage.setItem('pianola-outbox', '[1, null, {}]')",
        "Object.defineProperty(window, 'sessionStorage', {get() { throw new DOMException('denied') }})",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }",
    ],
)
def test_storage_that_is_broken_full_or_forbidden_does_not_stop_the_page(tab: Tab, storage: str):
    tab.page.add_init_script(storage)
    tab.reload()
    tab.add(f"in spite of {storage[:50]}")
    expect(tab.todo(f"in spite of {storage[:50]}")).to_be_visible()


def test_a_burst_of_the_page_says_how_many_wait(tab: Tab):
    tab.page.evaluate(
        """async () => {
            const link = await import('/static/link.js');
            for (let number = 0; number < 600; number += 1) link.send({do: 'poked'});
        }"""
    )
    expect(tab.page.locator("#link")).to_contain_text("changes wait …")
    expect(tab.page.locator("#link")).to_have_text("")
