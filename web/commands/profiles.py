"""What the user does with profiles: create, rename, delete with what becomes of the rows.

A profile and its rows go in one batch, so that both are gone or none, and one undo brings both back. Only what does not
fit into a batch is moved before, in batches of its own; the profile is deleted with the last one.
"""

import json

from apps.core import PROFILE
from apps.tables import Row, Table
from bus.errors import Refused
from bus.messages import StoreOrder
from web.commands.command import BadCommand, Command
from web.html.parts.dialogs import draw_dialog
from web.html.profile_dialog import profile_dialog
from web.live.outbox import Frame
from web.state.page_view import profile_in
from web.store_client import ask_store, every_row

MOST_MOVES = 990
"""In one batch of the store, which takes 1,000 orders: the last ones are about the profiles themselves."""
DELETED_AT_ONCE = 1_000
"""Rows that one order deletes."""
MOST_DELETIONS = 9
"""Such orders in one batch, which makes 10,000 changes at most."""


async def create(command: Command) -> None:
    """Add a profile of a new name."""
    name = await new_name(command, 0)
    await command.order(verb="insert", table="profile", values={"name": name})


async def rename(command: Command) -> None:
    """Give a profile another name."""
    key = command.number("id")
    name = await new_name(command, key)
    await command.order(verb="update", table="profile", id=key, values={"name": name})


async def new_name(command: Command, key: int) -> str:
    """Return the name in the form, or refuse one that another profile has: names tell profiles apart in files."""
    name = str(PROFILE.all_fields["name"].checked(command.text("name")))
    for row in await profiles_of(command):
        if row["id"] != key and row["name"].casefold() == name.casefold():
            raise BadCommand(f"There is a profile “{row['name']}” already. Choose another name.")
    return name


async def ask(command: Command) -> None:
    """Ask what becomes of the rows of a profile, and say how many there are."""
    profile, others = await profile_and_others(command)
    tables = scoped_tables(command)
    counts = await counts_of(command, profile["id"])
    command.tab.push(Frame(draw_dialog(profile_dialog(profile, others, tables, counts))))


async def profile_and_others(command: Command) -> tuple[Row, list[Row]]:
    """Return the profile that is to be deleted, and those that stay; refuse when none would."""
    key = command.number("id")
    profiles = {row["id"]: row for row in await profiles_of(command)}
    if key not in profiles:
        raise BadCommand("This profile was deleted already.")
    profile = profiles.pop(key)
    if not profiles:
        raise BadCommand(f"“{profile['name']}” is the only profile, so it stays. Create another one first.")
    return profile, list(profiles.values())


async def delete(command: Command) -> None:
    """Delete a profile; its rows go with it, or to another profile, as the user chose."""
    profile, others = await profile_and_others(command)
    if "counts" in command.values and command.text("counts") != json.dumps(await counts_of(command, profile["id"])):
        await ask(command)
        raise BadCommand("The rows of this profile have changed meanwhile. Look at the question again.")
    moves = command.values.get("rows") == "move"
    heir = next((row for row in others if not moves or row["id"] == command.number("to")), None)
    if heir is None:
        raise BadCommand("Choose the profile that the rows go to.")
    orders = await orders_for_rows(command, profile["id"], heir["id"] if moves else 0)
    await delete_with(command, profile["id"], heir, orders)


async def delete_with(command: Command, key: int, heir: Row, orders: list[Row]) -> None:
    """Carry out the orders for the rows, and delete the profile with the last of them."""
    most = MOST_DELETIONS if orders and orders[0]["verb"] == "delete" else MOST_MOVES
    number = 0
    while len(orders) > most:
        first, orders = orders[:most], orders[most:]
        number += 1
        await batch(command, f"rows-{number}", first)
    stays = {"verb": "update", "table": "profile", "id": heir["id"], "values": {"name": heir["name"]}}
    gone = {"verb": "delete", "table": "profile", "id": key}
    chosen = {"verb": "update", "table": "setting", "id": "profile", "values": {"value": heir["id"]}}
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
    """Return the orders that move all rows of a profile to another one, or (`to` 0) delete them."""
    orders: list[Row] = []
    for table in scoped_tables(command):
        rows = await every_row(command.hub.bus, table.name, {"profile": key})
        if to:
            orders += [move(table, row["id"], to) for row in rows]
        else:
            parts = (rows[start : start + DELETED_AT_ONCE] for start in range(0, len(rows), DELETED_AT_ONCE))
            orders += [drop(table, part) for part in parts]
    return orders


def move(table: Table, row: int, to: int) -> Row:
    """Return the order that puts a row into another profile."""
    return {"verb": "update", "table": table.name, "id": row, "values": {"profile": to}}


def drop(table: Table, rows: list[Row]) -> Row:
    """Return the order that deletes rows."""
    return {"verb": "delete", "table": table.name, "where": {"id": [row["id"] for row in rows]}}


async def counts_of(command: Command, profile: int) -> dict[str, int]:
    """Return how many rows a profile has, by table."""
    return {table.name: await rows_in(command, table, profile) for table in scoped_tables(command)}


async def rows_in(command: Command, table: Table, profile: int) -> int:
    """Return how many rows of a table a profile has."""
    order = StoreOrder(verb="list", table=table.name, where={"profile": profile}, limit=1)
    return (await ask_store(command.hub.bus, order)).total


def scoped_tables(command: Command) -> list[Table]:
    """Return the tables whose rows belong to a profile."""
    return [table for table in command.hub.registry.tables.values() if table.scoped]


async def profiles_of(command: Command) -> list[Row]:
    """Return all profiles."""
    order = StoreOrder(verb="list", table="profile", limit=1000)
    return (await ask_store(command.hub.bus, order)).rows
