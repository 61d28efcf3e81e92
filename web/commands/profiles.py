"""Profiles: create, rename, and delete, with a choice of what happens to the rows.

A profile and its rows are deleted in one batch, so that one undo brings both back. Rows that do not fit into one batch
are deleted or moved before, in batches of their own; the profile goes with the last one.
"""

import json
from collections.abc import Container

from apps.core import MACRO, PERMISSION, PROFILE
from apps.tables import Row, Table
from bus.errors import Refused
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands.command import BadCommand, Command
from web.html.parts.dialogs import draw_dialog
from web.html.profile_dialog import profile_dialog
from web.live.outbox import Frame
from web.state.page_view import profile_in
from web.store_client import every_row

LONGEST_NAME = 50
"""Characters of the name of a macro that gets a number behind it."""
MOST_MOVES = 990
"""Moves in one batch. The store's limit is 1,000 orders; some of them are about the profiles."""
DELETED_AT_ONCE = 1_000
"""Rows that one order deletes."""
MOST_DELETIONS = 9
"""Orders that delete rows, in one batch. The store's limit is 10,000 changes."""


async def create(command: Command) -> None:
    """Add a profile with a new name."""
    name = await new_name(command, 0)
    await command.order(verb="insert", table="profile", values={"name": name})


async def rename(command: Command) -> None:
    """Give a profile another name."""
    key = command.number("id")
    name = await new_name(command, key)
    await command.order(verb="update", table="profile", id=key, values={"name": name})


async def new_name(command: Command, key: int) -> str:
    """Return the name in the form; raise `BadCommand` if another profile has it: exported files use the names."""
    name = str(PROFILE.all_fields["name"].checked(command.text("name")))
    for row in await all_profiles(command):
        if row["id"] != key and row["name"].casefold() == name.casefold():
            raise BadCommand(f"There is a profile “{row['name']}” already. Choose another name.")
    return name


async def ask_delete(command: Command) -> None:
    """Ask what to do with the rows of a profile, and show how many there are."""
    profile, others = await profile_and_others(command)
    tables = scoped_tables(command)
    counts = await counts_of(command, profile["id"])
    command.tab.push(Frame(draw_dialog(profile_dialog(profile, others, tables, counts))))


async def profile_and_others(command: Command) -> tuple[Row, list[Row]]:
    """Return the profile to delete, and those that stay; raise `BadCommand` if none would."""
    key = command.number("id")
    profiles = {row["id"]: row for row in await all_profiles(command)}
    if key not in profiles:
        raise BadCommand("This profile was deleted already.")
    profile = profiles.pop(key)
    if not profiles:
        raise BadCommand(f"“{profile['name']}” is the only profile, so it stays. Create another one first.")
    return profile, list(profiles.values())


async def delete(command: Command) -> None:
    """Delete a profile; its rows are deleted, or moved to another profile, as the user chose."""
    profile, others = await profile_and_others(command)
    if "counts" in command.values and command.text("counts") != json.dumps(await counts_of(command, profile["id"])):
        await ask_delete(command)
        raise BadCommand("The rows of this profile have changed meanwhile. Look at the question again.")
    moves = command.values.get("rows") == "move"
    successor = next((row for row in others if not moves or row["id"] == command.number("to")), None)
    if successor is None:
        raise BadCommand("Choose the profile that the rows go to.")
    orders = await orders_for_rows(command, profile["id"], successor["id"] if moves else 0)
    await delete_with(command, profile["id"], successor, orders)


async def delete_with(command: Command, key: int, successor: Row, orders: list[Row]) -> None:
    """Carry out the orders for the rows, and delete the profile with the last of them."""
    most = MOST_DELETIONS if orders and orders[0]["verb"] == "delete" else MOST_MOVES
    number = 0
    while len(orders) > most:
        first, orders = orders[:most], orders[most:]
        number += 1
        await batch(command, f"rows-{number}", first)
    stays = {"verb": "update", "table": "profile", "id": successor["id"], "values": {"name": successor["name"]}}
    gone = {"verb": "delete", "table": "profile", "id": key}
    chosen = {"verb": "update", "table": "setting", "id": "profile", "values": {"value": successor["id"]}}
    in_view = [chosen] if profile_in(command.hub.shared.settings) == key else []
    try:
        await batch(command, "profile", [stays, *orders, gone, *in_view])
    except Refused as refused:
        if refused.code == "not_found":
            raise BadCommand("Profiles were changed in another tab meanwhile. Look at them, then try again.") from None
        raise


async def batch(command: Command, step: str, orders: list[Row]) -> None:
    """Carry out orders, all or none."""
    await command.order(step, verb="batch", table=orders[0]["table"], values={"orders": orders})


async def orders_for_rows(command: Command, key: int, to: int) -> list[Row]:
    """Return the orders that move all rows of a profile to another one, or (`to` 0) delete them.

    Permissions are not moved: what the assistant may do in the other profile stands there.
    """
    orders: list[Row] = []
    for table in scoped_tables(command):
        rows = await every_row(command.hub.bus, table.name, {"profile": key})
        if to and table is MACRO:
            taken = {row["name"] for row in await every_row(command.hub.bus, table.name, {"profile": to})}
            orders += [move_macro(row, to, taken) for row in rows]
        elif to and table is not PERMISSION:
            orders += [move_row(table, row["id"], to) for row in rows]
        else:
            parts = (rows[start : start + DELETED_AT_ONCE] for start in range(0, len(rows), DELETED_AT_ONCE))
            orders += [delete_rows(table, part) for part in parts]
    return orders


def move_row(table: Table, row: int, to: int) -> Row:
    """Return the order that puts a row into another profile."""
    return {"verb": "update", "table": table.name, "id": row, "values": {"profile": to}}


def move_macro(row: Row, to: int, taken: Container[str]) -> Row:
    """Return the order that puts a macro into another profile; one whose name is `taken` there gets a number."""
    order = move_row(MACRO, row["id"], to)
    if row["name"] in taken:
        order["values"]["name"] = f"{row['name'][:LONGEST_NAME]} ({row['id']})"
    return order


def delete_rows(table: Table, rows: list[Row]) -> Row:
    """Return the order that deletes rows."""
    return {"verb": "delete", "table": table.name, "where": {"id": [row["id"] for row in rows]}}


async def counts_of(command: Command, profile: int) -> dict[str, int]:
    """Return how many rows a profile has in each table."""
    return {table.name: await count_rows(command, table, profile) for table in scoped_tables(command)}


async def count_rows(command: Command, table: Table, profile: int) -> int:
    """Return how many rows of a table a profile has."""
    order = StoreOrder(verb="list", table=table.name, where={"profile": profile}, limit=1)
    return (await ask_store(command.hub.bus, order)).total


def scoped_tables(command: Command) -> list[Table]:
    """Return the tables whose rows belong to a profile."""
    return [table for table in command.hub.registry.tables.values() if table.scoped]


async def all_profiles(command: Command) -> list[Row]:
    """Return all profiles."""
    order = StoreOrder(verb="list", table="profile", limit=1000)
    return (await ask_store(command.hub.bus, order)).rows
