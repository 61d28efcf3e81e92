"""Tools of other programs in the page: a call is a card, a tool is allowed and taken back, a server is added; and what
a program that came by MCP wants to delete waits for the user."""

import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from playwright.sync_api import expect

from bus.mcp.servers import McpServer, save_mcp, servers_in
from bus.messages import McpListed, ServiceAsked
from tests.support.assistant_page import TEXT_MODEL, add, cards, change, empty, quieten
from tests.support.axe import violations
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.mcp_program import Program
from tests.support.model_replies import instruction
from tests.support.needs import needs
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import ROOT, System

SERVER = McpServer(
    "weather", command=(sys.executable, str(ROOT / "tests" / "support" / "tool_server.py"), "good"), file="mcp.toml"
)
FORECAST = instruction(operation="call", tool="weather.forecast", arguments={"city": "Rome", "id": 7})


@pytest.fixture(scope="module")
def ollama_and_system() -> Iterator[tuple[OllamaDouble, System]]:
    needs(find_spec("mcp"), "the SDK of MCP is not installed: make mcp")
    with OllamaDouble(TEXT_MODEL) as double, System({"OLLAMA_HOST": double.url}) as made:
        save_mcp(made.settings.mcp_file, [SERVER])
        made.start(*EVERYTHING, "mcp")
        quieten(made)
        made.visit(until_ready)
        yield double, made


async def until_ready(guest) -> None:
    guest.bus.say(ServiceAsked())
    await guest.until(
        lambda heard: (
            isinstance(heard.message, McpListed) and [one["state"] for one in heard.message.servers] == ["ready"]
        )
    )


@pytest.fixture
def double(ollama_and_system) -> OllamaDouble:
    ollama_and_system[0].chats.clear()
    ollama_and_system[0].forget()
    return ollama_and_system[0]


@pytest.fixture
def tab(ollama_and_system, chromium: Chromium) -> Iterator[Tab]:
    empty(ollama_and_system[1])
    with chromium.visit(ollama_and_system[1], bypass_csp=True, reduced_motion="reduce") as opened:
        yield opened


def test_a_call_is_asked_first_and_shows_all_that_is_sent(tab: Tab, double: OllamaDouble) -> None:
    double.play(speech(f"I look.\n{FORECAST}"), speech("It is sunny in Rome."))

    tab.say("what is the weather in Rome?")

    card = cards(tab, "proposed")
    expect(card.locator(".text")).to_have_text("Call weather.forecast?")
    expect(card.locator("dd")).to_have_text(["Rome", "7"])
    assert violations(tab) == []
    card.get_by_role("button", name="Do it").click()
    expect(cards(tab).locator(".text")).to_have_text("Called weather.forecast.")
    expect(tab.messages("assistant").last.locator(".text")).to_have_text("It is sunny in Rome.")
    cards(tab).get_by_text("Answer", exact=True).click()
    expect(cards(tab).locator(".thoughts").filter(has_text="Sunny in Rome.")).to_be_visible()


def test_a_tool_is_allowed_and_asked_first_again(tab: Tab, double: OllamaDouble) -> None:
    double.play(
        speech(FORECAST), speech("Sunny."), speech(FORECAST), speech("Still sunny."), speech(FORECAST), speech("…")
    )

    tab.say("what is the weather in Rome?")
    cards(tab, "proposed").get_by_role("button", name="Always allow").click()
    expect(cards(tab)).to_have_count(1)
    expect(tab.messages("assistant").last.locator(".text")).to_have_text("Sunny.")
    tab.say("and now?")
    expect(cards(tab)).to_have_count(2)
    expect(tab.messages("assistant").last.locator(".text")).to_have_text("Still sunny.")

    open_dialog(tab)
    tab.page.get_by_role("button", name="Ask first again").click()
    expect(tab.page.locator("#tools-list").get_by_text("called without asking")).to_have_count(0)
    assert violations(tab) == []
    tab.page.locator("#tools .close").click()
    tab.say("and now?")
    expect(cards(tab, "proposed")).to_have_count(1)


def open_dialog(tab: Tab) -> None:
    tab.open_settings()
    tab.page.locator("#tools-button").click()
    expect(tab.page.get_by_role("dialog", name="Tools of other programs")).to_be_visible()


def test_a_server_at_an_address_is_added_and_removed(tab: Tab, ollama_and_system) -> None:
    system = ollama_and_system[1]
    open_dialog(tab)
    form = tab.page.locator("#tools-form")

    form.get_by_label("Name").fill("Bad name")
    form.get_by_label("Address").fill("npx -y server")
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_role("alert")).to_contain_text("cannot be the name of a server")
    form.get_by_label("Name").fill("other")
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_role("alert")).to_contain_text("is not an address")
    form.get_by_label("Address").fill("http://127.0.0.1:9/mcp")
    form.get_by_role("button", name="Add").click()
    expect(tab.page.locator("#tools-list").get_by_text("http://127.0.0.1:9/mcp")).to_be_visible()
    assert [one.url for one in servers_in(system.settings.mcp_file)] == ["", "http://127.0.0.1:9/mcp"]
    allowed = {"value": ["other.forecast", "weather.forecast"]}
    change(system, verb="update", table="setting", id="tools_allowed", values=allowed)
    tab.page.locator("#tools-list").get_by_role("button", name="Remove").click()
    expect(tab.page.locator("#tools-list").get_by_text("http://127.0.0.1:9/mcp")).to_have_count(0)
    assert [one.name for one in servers_in(system.settings.mcp_file)] == ["weather"]
    (kept,) = change(system, verb="list", table="setting", where={"id": "tools_allowed"})
    assert kept["value"] == ["weather.forecast"]


def test_what_a_program_wants_to_delete_waits_in_the_page_and_is_undone_there(
    tab: Tab, double: OllamaDouble, ollama_and_system
) -> None:
    double.play(speech("Hello."))
    tab.say("hello")
    program = Program(ollama_and_system[1])
    add(tab, "milk", "bread")

    assert program.done("delete_rows", table="todo", where={"title": "milk"})["outcome"] == "proposed"

    card = cards(tab, "proposed")
    expect(card.locator(".text")).to_have_text("Delete “milk” of todo, as editor (MCP) wants?")
    expect(tab.todo("milk")).to_be_visible()
    card.get_by_role("button", name="Do it").click()
    expect(tab.todo("milk")).to_have_count(0)
    cards(tab).get_by_role("button", name="Undo").click()
    expect(tab.todo("milk")).to_be_visible()


def test_a_program_opens_a_row_in_the_page(tab: Tab, ollama_and_system) -> None:
    program = Program(ollama_and_system[1])
    add(tab, "milk")
    (row,) = program.rows()

    program.done("open", app="todo", row=row["id"])

    expect(tab.page.locator("#notices, #announcements").get_by_text("editor (MCP)").first).to_be_attached()
    expect(tab.page).to_have_url(re.compile(f"row={row['id']}"))


def test_a_tab_that_shows_another_conversation_is_told_what_waits(tab: Tab, ollama_and_system) -> None:
    program = Program(ollama_and_system[1])
    add(tab, "milk")

    program.done("delete_rows", table="todo", where={"title": "milk"})

    waits = "Delete “milk” of todo, as editor (MCP) wants? It waits for you in another conversation"
    expect(tab.page.get_by_text(waits).first).to_be_visible()
