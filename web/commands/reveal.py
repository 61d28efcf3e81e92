"""Go to a search result: a row in its app and profile, or a message in its conversation."""

from dataclasses import replace
from typing import Any

from apps.sentences import title_of
from apps.shown.check import views_of
from apps.shown.look import Look
from apps.tables import Row, Table
from apps.talk.remarks import is_remark
from web.commands import conversations
from web.commands.command import BadCommand, Command
from web.commands.heard import get_row
from web.live.hub import Hub
from web.live.tab import ChatWindow
from web.state.page_view import MESSAGES_SHOWN, profile_in
from web.state.views.opening import window_of
from web.state.window import ROWS_SHOWN, AppWindow, order_of

BEFORE_FOUND = 10
"""Older messages that are shown above a message that was found."""


async def reveal(command: Command) -> None:
    """Go to a row, message or conversation that was found."""
    table = command.text("table")
    if table == "message":
        await reveal_message(command)
    elif table == "conversation":
        await get_row(command, command.hub.registry.tables[table])
        await conversations.show(command, ChatWindow(command.number("id")))
        command.acted("found", table=table, id=command.number("id"))
    else:
        await reveal_row(command, table)


async def reveal_message(command: Command) -> None:
    """Show the part of its conversation in which the message is that was found."""
    hub = command.hub
    row = await get_row(command, hub.registry.tables["message"])
    if is_remark(row):
        await reveal_remark(command, row)
        return
    newer = {"conversation": row["conversation"], "id": {"from": row["id"]}}
    following = await hub.reader.read("message", MESSAGES_SHOWN, newer, "id")
    last = following.rows[-1]["id"] if following.more else 0
    command.acted("found", table="message", id=row["id"], name=title_of(row, hub.registry.tables["message"]))
    messages = max(MESSAGES_SHOWN, len(following.rows) + BEFORE_FOUND)
    await conversations.show(command, ChatWindow(row["conversation"], messages, newest=last, marked=row["id"]))


async def reveal_remark(command: Command, row: Row) -> None:
    """Open the app that a remark is about, with its remarks, and go to this one."""
    hub, tab = command.hub, command.tab
    app = row["app"]
    if app not in hub.apps:
        raise BadCommand(
            f"This remark is about the app {app!r:.60}, which is not there any more. It says: {row['text']}"
        )
    command.acted("found", table="message", id=row["id"], name=title_of(row, hub.registry.tables["message"]))
    tab.strip.whole, tab.strip.marked = True, row["id"]
    if tab.app != app:
        tab.window = window_of(hub.apps, app, "")
        tab.refresh("app")
    tab.refresh("remarks")
    if hub.shared.settings.get("app") != app:
        await command.set("app", app)


async def reveal_row(command: Command, name: str) -> None:
    """Show the app, the profile and the part of the list that contain the row."""
    hub, tab = command.hub, command.tab
    shown = ((app, table) for app in hub.apps.tables for table in hub.apps.tables_of(app))
    app, table = next(((app, table) for app, table in shown if table.name == name), ("", None))
    if table is None:
        raise BadCommand(f"No app shows rows of {name!r:.60}.")
    row = await get_row(command, table)
    if table.scoped and profile_in(hub.shared.settings) != row["profile"]:
        await command.set("profile", row["profile"])
    offset = await offset_of(hub, table, row)
    look = replace(look_at(table, row), table="" if table is hub.apps.table(app) else table.name)
    tab.window = AppWindow(app, offset=offset, marked=row["id"], profile=row.get("profile", 0), look=look)
    tab.refresh("app")
    name, profile = title_of(row, table), row.get("profile", 0)
    command.acted("found", profile=profile, table=table.name, id=row["id"], name=name)
    if hub.shared.settings.get("app") != app:
        await command.set("app", app)


def look_at(table: Table, row: Row) -> Look:
    """Return the look that shows a row: the list, else the page of the row where no list is offered."""
    lists = (one for one in views_of(table) if one.kind == "list")
    return next((Look(one) for one in lists), Look(views_of(table)[0], row=row["id"]))


async def offset_of(hub: Hub, table: Table, row: Row) -> int:
    """Return the offset of a window of the list whose middle is the row."""
    if table.keyed:
        return 0
    by = order_of(table)
    where: dict[str, Any] = {by: {"to": row[by]}, **({"profile": row["profile"]} if table.scoped else {})}
    rank = (await hub.reader.count(table.name, where)).total
    return 0 if rank <= ROWS_SHOWN else rank - ROWS_SHOWN // 2
