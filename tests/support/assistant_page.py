"""Steps that many tests of the assistant in the page share."""

from typing import Any

from playwright.sync_api import Locator, expect

from bus.bus import new_id
from bus.messages import StoreOrder
from tests.support.browser import Tab
from tests.support.ollama_double import Model
from tests.support.system import Guest, System

TEXT_MODEL = Model("small:1b", ("completion",), loaded=True)
TOOLS_MODEL = Model("able:8b", ("completion", "tools"))

PAYLOAD = "<img src=x onerror=\"document.title = 'owned'\"><script>document.title = 'owned'</script>"


def empty(system: System) -> None:
    """Delete the todos, start a new conversation, and open the app todo."""

    async def clear(guest: Guest) -> None:
        orders = [
            StoreOrder(verb="delete", table="todo", where={"profile": 1}),
            StoreOrder(verb="update", table="setting", id="conversation", values={"value": 0}),
            StoreOrder(verb="update", table="setting", id="app", values={"value": "todo"}),
        ]
        for order in orders:
            await guest.bus.ask(order, order.table, id=new_id())

    system.visit(clear)


def quieten(system: System) -> None:
    """Have the assistant speak only when it is asked."""
    change(system, verb="update", table="setting", id="mode", values={"value": "quiet"})


def open_at(system: System, app: str) -> None:
    """Have the next tab open an app at once, as the one that was open last."""
    change(system, verb="update", table="setting", id="app", values={"value": app})


def change(system: System, **order: Any) -> list[dict[str, Any]]:
    """Send the store an order from outside the page; return the rows."""

    async def play(guest: Guest) -> list[dict[str, Any]]:
        heard = await guest.bus.ask(StoreOrder(**order), order["table"], id=new_id())
        assert heard.message.ok, heard.message.error
        return list(heard.message.rows)

    return system.visit(play)


def cards(tab: Tab, state: str = "applied") -> Locator:
    """Return the cards of this state in the conversation."""
    return tab.page.locator(f"#chat-log article[data-role=action][data-state={state}]")


def add(tab: Tab, *titles: str) -> None:
    """Add todos as the user does, one after the other."""
    for title in titles:
        tab.add(title)
        expect(tab.todo(title)).to_be_visible()


def do_with(tab: Tab, message: Locator, action: str) -> None:
    """Choose an action in the menu “…” of a message, by keyboard."""
    message.locator(".icon-more").focus()
    tab.page.keyboard.press("Enter")
    entry = tab.page.get_by_role("menuitem", name=action)
    expect(tab.page.get_by_role("menuitem").first).to_be_focused()
    entry.focus()
    tab.page.keyboard.press("Enter")


def id_of(tab: Tab, title: str) -> int:
    """Return the id of a todo in view."""
    return int(tab.todo(title).get_attribute("data-id") or 0)
