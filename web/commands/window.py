"""What the tab shows: another app, more rows, older messages."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import parse_qsl

from apps.tables import Table
from bus.errors import Refused
from web.commands import conversations
from web.commands.command import BadCommand, Command
from web.html.chat.chat import article, older_button
from web.html.parts.fragments import append, delete, insert_after, replace
from web.html.rows.rows import row_item, row_range
from web.live.outbox import Frame
from web.live.pages import GONE
from web.live.queries import Rows, read_marks, scope
from web.live.tab import ChatWindow, Tab
from web.state.app_list import AppList
from web.state.filters import TALK, filters_of, talk_of, without_talk, written
from web.state.page_view import MESSAGES_SHOWN, MOST_MESSAGES, OLDER_ID, conversation_in, list_id
from web.state.window import MOST_ROWS, ROWS_SHOWN, AppWindow, Key, order_of

LONGEST_QUERY = 500
"""Characters of the query of an address."""
LONGEST_FILTER = 100
"""Characters of the name and of the value of a filter that are told to the assistant."""
MOST_FILTERS = 10
"""Filters that are told to the assistant."""


# --- apps ---


async def opened(command: Command) -> None:
    """Open an app in this tab, or change the filters of its rows; and the conversation that the address names."""
    await show_talk(command)
    app, hub, tab = command.text("app"), command.hub, command.tab
    if app not in hub.apps:
        raise Refused("not_found", f"There is no app {app!r:.60}. There are: {', '.join(hub.apps.problems)}.")
    wanted = window_of(hub.apps, app, str(command.values.get("query", "")))
    if (tab.app, tab.window.filters, tab.window.query) != (app, wanted.filters, wanted.query):
        other = tab.app != app
        tab.window = wanted
        tab.refresh("app")
        if not other:
            command.acted("filtered", filters=told_filters(wanted))
            return
    if hub.shared.settings.get("app") != app:
        await command.set("app", app)
    command.acted("opened")


async def show_talk(command: Command) -> None:
    """Show the conversation that the address names, if it names one and the tab shows another."""
    hub, tab, talk = command.hub, command.tab, talk_of(str(command.values.get(TALK, "")))
    if talk is None or talk == tab.chat.conversation:
        return
    if talk and not (await hub.reader.count("conversation", {"id": talk})).total:
        tab.show_chat(ChatWindow(conversation_in(hub.shared.settings), problem=GONE.format(conversation=talk)))
    else:
        await conversations.show(command, ChatWindow(talk))


def told_filters(window: AppWindow) -> dict[str, str]:
    """Return the filters of a window as they stand in the address, for the assistant; bounded."""
    query = window.query or written(window.filters)
    return {name[:LONGEST_FILTER]: value[:LONGEST_FILTER] for name, value in parse_qsl(query)[:MOST_FILTERS]}


def window_of(apps: AppList, app: str, query: str) -> AppWindow:
    """Return the window of an app, filtered as the query of an address says."""
    query = without_talk(query)
    if apps[app].has("read"):
        return AppWindow(app, query=query[:LONGEST_QUERY])
    return AppWindow(app, filters_of(apps.table(app), query))


# --- rows ---


async def more(command: Command) -> None:
    """Append the rows after those in the page."""
    hub, tab = command.hub, command.tab
    window, table = tab.window, hub.apps.table(tab.app)
    if hub.apps[tab.app].has("read"):
        window.limit = min(window.limit + ROWS_SHOWN, MOST_ROWS)
        tab.refresh("app")
    if table is None or not window.shown.more:
        return
    version, following = window.version, window.shown.offset + window.shown.count
    window.limit = window.shown.count + ROWS_SHOWN
    where = {**scope(table, hub.shared.settings), **window.filters}
    read = await hub.reader.read(table.name, ROWS_SHOWN, where, order_of(table), following)
    by_model = await read_marks(hub.bus, table.name, [row["id"] for row in read.rows])

    def draw() -> str | None:
        overtaken = read.revision > hub.shared.revision or read.revision < hub.reader.newest.get(table.name, 0)
        if overtaken or tab.window is not window or window.version != version or window.own:
            return None
        return draw_more(table, window, read, by_model)

    tab.push(Frame(draw, "app"))


def draw_more(table: Table, window: AppWindow, read: Rows, by_model: frozenset[Key]) -> str:
    """Draw rows, to be appended to the list in the page."""
    if read.rows:
        window.extend(table, read.rows)
    items = (row_item(table, row, by_model=row["id"] in by_model) for row in read.rows)
    return append(list_id(table.name), *items) + replace(row_range(table, window.shown))


async def page(command: Command) -> None:
    """Show the rows from another offset on."""
    tab = command.tab
    tab.window = moved_window(tab.window, max(0, command.number("offset")))
    tab.refresh("list")


def moved_window(window: AppWindow, offset: int) -> AppWindow:
    """Return a window with the same filters, from another offset on."""
    return AppWindow(window.app, window.filters, offset, profile=window.profile, query=window.query, own=window.own)


# --- messages ---


async def older(command: Command) -> None:
    """Show the messages before those in the page."""
    hub, chat = command.hub, command.tab.chat
    if not chat.oldest:
        return
    if chat.limit >= MOST_MESSAGES:
        raise BadCommand(f"The page holds {MOST_MESSAGES:,} messages, and no more. Search for what was said before.")
    before = chat.oldest
    where = {"conversation": chat.conversation, "id": {"to": before - 1}}
    read = await hub.reader.read("message", MESSAGES_SHOWN, where, "-id")
    chat.limit += MESSAGES_SHOWN
    command.tab.push(Frame(partial(draw_older, command.tab, chat, before, read, hub.registry.tables), "chat"))


def draw_older(tab: Tab, chat: ChatWindow, before: int, read: Rows, tables: Mapping[str, Table]) -> str:
    """Draw older messages above those in the page; nothing if the page shows others meanwhile."""
    if tab.chat is not chat or chat.oldest != before:
        return ""
    rows = read.rows[::-1]
    chat.oldest = rows[0]["id"] if read.more else 0
    button = replace(older_button()) if read.more else delete(OLDER_ID)
    return insert_after(OLDER_ID, *(article(row, tables) for row in rows)) + button
