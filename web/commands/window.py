"""What the user does to see more: further rows, older messages, or another app."""

from collections.abc import Mapping
from functools import partial

from apps.tables import Table
from bus.errors import Refused
from web.commands.command import BadCommand, Command
from web.html.chat.chat import article, older_button
from web.html.parts.fragments import append, delete, insert_after, replace
from web.html.rows.rows import row_item, row_range
from web.live.marks import read_marks
from web.live.queries import Rows, scope
from web.live.tab import ChatPane, Frame, Tab
from web.state.app_list import AppList
from web.state.filters import filters_of
from web.state.page_view import MESSAGES_SHOWN, MOST_MESSAGES, OLDER_ID, conversation_in, list_id
from web.state.window import MOST_ROWS, ROWS_SHOWN, Key, Pane, order_of

LONGEST_QUERY = 500
"""Characters of an address behind the question mark."""


# --- apps ---


async def opened(command: Command) -> None:
    """Open an app in this tab, or filter its rows otherwise, beside the chat."""
    app, room, tab = command.text("app"), command.room, command.tab
    if app not in room.apps:
        raise Refused("not_found", f"There is no app {app!r:.60}. There are: {', '.join(room.apps.problems)}.")
    asked = pane_of(room.apps, app, str(command.values.get("query", "")))
    if (tab.app, tab.pane.filters, tab.pane.query) != (app, asked.filters, asked.query):
        other = tab.app != app
        tab.pane = asked
        tab.refresh("app")
        if not other:
            return
    if room.settings.get("app") != app:
        await command.set("app", app)
    command.acted("opened")


def pane_of(apps: AppList, app: str, query: str) -> Pane:
    """Return the pane of an app, with what an address says behind the question mark."""
    if apps[app].has("read"):
        return Pane(app, query=query[:LONGEST_QUERY])
    return Pane(app, filters_of(apps.table(app), query))


# --- rows ---


async def more(command: Command) -> None:
    """Append the rows that follow those in the page."""
    room, tab = command.room, command.tab
    pane, table = tab.pane, room.apps.table(tab.app)
    if room.apps[tab.app].has("read"):
        pane.limit = min(pane.limit + ROWS_SHOWN, MOST_ROWS)
        tab.refresh("app")
    if table is None or not pane.shown.more:
        return
    version, following = pane.version, pane.shown.offset + pane.shown.count
    pane.limit = pane.shown.count + ROWS_SHOWN
    where = {**scope(table, room.settings), **pane.filters}
    read = await room.reader.read(table.name, ROWS_SHOWN, where, order_of(table), following)
    by_model = await read_marks(room.bus, table.name, [row["id"] for row in read.rows])

    def draw() -> str | None:
        overtaken = read.revision > room.revision or read.revision < room.reader.newest.get(table.name, 0)
        if overtaken or tab.pane is not pane or pane.version != version or pane.own:
            return None
        return draw_more(table, pane, read, by_model)

    tab.push(Frame(draw, "app"))


def draw_more(table: Table, pane: Pane, read: Rows, by_model: frozenset[Key]) -> str:
    """Draw rows that are appended to the page."""
    if read.rows:
        pane.extend(table, read.rows)
    items = (row_item(table, row, by_model=row["id"] in by_model) for row in read.rows)
    return append(list_id(table.name), *items) + replace(row_range(table, pane.shown))


async def page(command: Command) -> None:
    """Show the rows from another place of the list on."""
    tab = command.tab
    tab.pane = replace_pane(tab.pane, max(0, command.number("offset")))
    tab.refresh("list")


def replace_pane(pane: Pane, offset: int) -> Pane:
    """Return a pane that shows the same from another row on."""
    return Pane(pane.app, pane.filters, offset, profile=pane.profile, query=pane.query, own=pane.own)


# --- messages ---


async def older(command: Command) -> None:
    """Show the messages before those in the page."""
    room, chat = command.room, command.tab.chat
    if not chat.oldest:
        return
    if chat.limit >= MOST_MESSAGES:
        raise BadCommand(f"The page holds {MOST_MESSAGES:,} messages, and no more. Search for what was said before.")
    before = chat.oldest
    where = {"conversation": conversation_in(room.settings), "id": {"to": before - 1}}
    read = await room.reader.read("message", MESSAGES_SHOWN, where, "-id")
    chat.limit += MESSAGES_SHOWN
    command.tab.push(Frame(partial(draw_older, command.tab, chat, before, read, room.registry.tables), "chat"))


def draw_older(tab: Tab, chat: ChatPane, before: int, read: Rows, tables: Mapping[str, Table]) -> str:
    """Draw older messages above those in the page; nothing, when the page shows others meanwhile."""
    if tab.chat is not chat or chat.oldest != before:
        return ""
    rows = read.rows[::-1]
    chat.oldest = rows[0]["id"] if read.more else 0
    button = replace(older_button()) if read.more else delete(OLDER_ID)
    return insert_after(OLDER_ID, *(article(row, tables) for row in rows)) + button
