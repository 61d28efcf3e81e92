"""Delete a row, message, conversation or profile for good."""

import asyncio
from datetime import datetime
from pathlib import Path

from apps.change_lookup import names_of
from apps.core import CONVERSATION, CORE, JOB, MESSAGE, PROFILE
from apps.tables import Row, Table
from bus.errors import Refused
from bus.limits import MAX_CHANGED_ROWS
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands import conversations, profiles
from web.commands.branches.deletion import keep_for_forks, plan_of
from web.commands.command import BadCommand, Command
from web.html.chat.conversations import KEPT_BY_FORKS
from web.html.erase_dialog import Doomed, erase_dialog
from web.html.parts.dialogs import draw_dialog
from web.live.outbox import Frame
from web.state.page_view import profile_in
from web.state.window import Key

ROOM = 100
"""Changes in one order besides those of the rows: of cards, titles and the like."""


async def ask_erase(command: Command) -> None:
    """Show what would be deleted for good, and what cannot be reached."""
    doomed = await doomed_by(command)
    settings = command.hub.process_settings
    backups = await asyncio.to_thread(backups_in, settings.backups)
    command.tab.push(Frame(draw_dialog(erase_dialog(doomed, backups, settings.backup_days))))


async def erase(command: Command) -> None:
    """Delete for good. What is in view is left before, and what is being generated is stopped."""
    table, key = table_of(command), key_of(command)
    if table == CONVERSATION:
        await leave_conversation(command, int(key))
    elif table == PROFILE:
        await leave_profile(command, int(key))
    elif table == MESSAGE:
        for where in ({"id": key}, {"reply_to": key}):
            await conversations.stop_generations(command, where)
    await command.order("erase", verb="erase", table=table.name, id=key)


async def leave_conversation(command: Command, key: int) -> None:
    """Stop what is being generated in a conversation and its versions, and show another one.

    Forks of it keep what they show.
    """
    plan = await plan_of(command, [key])
    where = {"conversation": list(plan.conversations)}
    await conversations.stop_generations(command, where)
    if kept := await keep_for_forks(command, plan):
        await command.order("keep", verb="batch", table=kept[0]["table"], values={"orders": kept})
    for order in conversations.leaving(command, plan.conversations):
        await command.order(f"leave-{order['id']}", **order)
    while (await command.hub.reader.count(MESSAGE.name, where)).total > MAX_CHANGED_ROWS - ROOM:
        few = await command.hub.reader.read(MESSAGE.name, conversations.MOST_AT_ONCE, where)
        some = {"id": [message["id"] for message in few.rows]}
        await command.order(f"messages-{few.rows[0]['id']}", verb="delete", table=MESSAGE.name, where=some)


async def leave_profile(command: Command, key: int) -> None:
    """Show another profile; delete rows first if they are too many for one order."""
    others = [row for row in await profiles.all_profiles(command) if row["id"] != key]
    if not others:
        raise BadCommand("This is the only profile, so it stays. Create another one first.")
    if profile_in(command.hub.shared.settings) == key:
        await command.set("profile", others[0]["id"])
    if sum((await profiles.counts_of(command, key)).values()) > MAX_CHANGED_ROWS - ROOM:
        for number, order in enumerate(await profiles.orders_for_rows(command, key, 0)):
            await profiles.batch(command, f"rows-{number}", [order])


# --- what is asked about ---


async def doomed_by(command: Command) -> Doomed:
    """Return what the command would delete for good."""
    table, key = table_of(command), key_of(command)
    row = await row_if_there(command, table, key)
    changes = await command.hub.reader.read("change", 1, {"subject": table.name, "row": key}, "-id")
    if row is None and not changes.rows:
        raise BadCommand(f"There is no {table.name} {key} any more, and no history of it.")
    names = await names_of(lambda order: ask_store(command.hub.bus, order), [{"subject": table.name, "row": key}],
                           command.hub.registry.tables)  # fmt: skip
    return Doomed(table, key, names.get((table.name, key), ""), await also_deleted(command, table, row, key))


async def also_deleted(command: Command, table: Table, row: Row | None, key: Key) -> str:
    """Return in words what goes with the row."""
    if table == CONVERSATION:
        plan = await plan_of(command, [int(key)])
        where = {"conversation": list(plan.conversations)}
        count = (await command.hub.reader.count(MESSAGE.name, where)).total - len(plan.moved)
        forks = f" {KEPT_BY_FORKS} Erase them as well if the words must go." if plan.parents else ""
        return f"Its messages and versions go with it ({count:,}), also those that were deleted before.{forks}"
    if table == PROFILE:
        counts = await profiles.counts_of(command, int(key))
        return f"Its rows go with it ({sum(counts.values()):,}), also those that were deleted before."
    if table == JOB:
        return "Its history, its log and its files go with it. The rows that it made stay."
    if table == MESSAGE and row is not None and row["role"] == "user":
        return "The answers to it, their cards, and later summaries of the conversation go with it."
    if table == MESSAGE:
        return "Cards of what it did, and later summaries of the conversation, go with it. What was done stays."
    return "Its history goes with it, cards and remarks about it, and its words in the answers that changed it."


async def row_if_there(command: Command, table: Table, key: Key) -> Row | None:
    """Return the row, None if it was deleted."""
    try:
        return (await ask_store(command.hub.bus, StoreOrder(verb="get", table=table.name, id=key))).rows[0]
    except Refused as refused:
        if refused.code != "not_found":
            raise
        return None


def table_of(command: Command) -> Table:
    """Return the table of a row that can be deleted for good."""
    name, registry = command.text("table"), command.hub.registry
    table = registry.tables.get(name)
    of_user = table in (MESSAGE, CONVERSATION, PROFILE, JOB) or (
        table not in CORE and registry.app_of(name) is not None
    )
    if table is None or not of_user:
        raise BadCommand(f"Rows of {name!r:.60} cannot be deleted for good.")
    return table


def key_of(command: Command) -> Key:
    """Return the id of the row that a command is about."""
    return command.text("id") if table_of(command).keyed else command.number("id")


def backups_in(folder: Path) -> list[datetime]:
    """Return when the copies of the database in a folder were made, the newest first."""
    try:
        made = [path.stat().st_mtime for path in folder.glob("*.db")]
    except OSError:
        return []
    return [datetime.fromtimestamp(moment).astimezone() for moment in sorted(made, reverse=True)]
