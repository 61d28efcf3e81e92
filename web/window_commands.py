"""What the user does to see more: further rows, older messages, another app, or the place where something was found."""

from functools import partial
from typing import Any

from apps.tables import Row, Table
from bus.errors import Refused
from bus.messages import StoreOrder
from web.app_list import AppList
from web.asking import ask_store
from web.chat import article, older_button
from web.command import BadCommand, Command
from web.filters import filters_of
from web.marks import read_marks
from web.pane import MOST_ROWS, ROWS_SHOWN, Key, Pane, order_of
from web.room import Room
from web.rows import row_item, row_range
from web.snapshot import Rows, scope
from web.tabs import ChatPane, Frame, Tab
from web.views import (
    MESSAGES_SHOWN,
    MOST_MESSAGES,
    OLDER_ID,
    append,
    conversation_in,
    delete,
    insert_after,
    list_id,
    profile_in,
    replace,
)

LONGEST_QUERY = 500
"""Characters of an address behind the question mark."""
BEFORE_FOUND = 5
"""Older messages that are shown above one that was found."""


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
    command.tab.push(Frame(partial(draw_older, command.tab, chat, before, read), "chat"))


def draw_older(tab: Tab, chat: ChatPane, before: int, read: Rows) -> str:
    """Draw older messages above those in the page; nothing, when the page shows others meanwhile."""
    if tab.chat is not chat or chat.oldest != before:
        return ""
    rows = read.rows[::-1]
    chat.oldest = rows[0]["id"] if read.more else 0
    button = replace(older_button()) if read.more else delete(OLDER_ID)
    return insert_after(OLDER_ID, *(article(row) for row in rows)) + button


# --- what was found ---


async def reveal(command: Command) -> None:
    """Go to a row, message or conversation that was found."""
    table = command.text("table")
    if table == "message":
        await reveal_message(command)
    elif table == "conversation":
        await command.set("conversation", command.number("id"))
    else:
        await reveal_row(command, table)
    command.acted("searched", table=table, id=str(command.values.get("id")))


async def reveal_message(command: Command) -> None:
    """Show the conversation with so many messages that the one that was found is among them."""
    room, tab = command.room, command.tab
    row = await row_of(command, room.registry.tables["message"])
    newer = {"conversation": row["conversation"], "id": {"from": row["id"]}}
    wanted = (await room.reader.count("message", newer)).total + BEFORE_FOUND
    if wanted > MOST_MESSAGES:
        raise BadCommand(f"{wanted:,} messages follow this one; the page goes back {MOST_MESSAGES:,} at most.")
    tab.chat = ChatPane(row["conversation"], max(MESSAGES_SHOWN, wanted), marked=row["id"])
    if conversation_in(room.settings) == row["conversation"]:
        tab.refresh("chat")
    else:
        await command.set("conversation", row["conversation"])


async def reveal_row(command: Command, name: str) -> None:
    """Show the app, the profile and the part of the list that the row is in."""
    room, tab = command.room, command.tab
    app = next((app for app, table in room.apps.tables.items() if table.name == name), None)
    if app is None:
        raise BadCommand(f"No app shows rows of {name!r:.60}.")
    table = room.apps.tables[app]
    row = await row_of(command, table)
    if table.scoped and profile_in(room.settings) != row["profile"]:
        await command.set("profile", row["profile"])
    offset = await offset_of(room, table, row)
    tab.pane = Pane(app, offset=offset, marked=row["id"], profile=row.get("profile", 0))
    tab.refresh("app")


async def offset_of(room: Room, table: Table, row: Row) -> int:
    """Return where the window must begin so that a row is in it: half of it above the row."""
    if table.keyed:
        return 0
    by = order_of(table)
    where: dict[str, Any] = {by: {"to": row[by]}, **({"profile": row["profile"]} if table.scoped else {})}
    rank = (await room.reader.count(table.name, where)).total
    return 0 if rank <= ROWS_SHOWN else rank - ROWS_SHOWN // 2


async def row_of(command: Command, table: Table) -> Row:
    """Return the row that a command is about."""
    key = command.text("id") if table.keyed else command.number("id")
    answer = await ask_store(command.room.bus, StoreOrder(verb="get", table=table.name, id=key))
    return answer.rows[0]
