"""Imports of uploaded files: begin, stop, continue, undo, forget."""

from apps.tables import Row
from bus.bus import Bus
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands.command import BadCommand, Command
from web.state.window import Key
from web.state.words import count
from web.store_client import every_row


async def begin(command: Command) -> None:
    """Import the file: all lines, or only the good ones if the user says so."""
    row = await get_import(command)
    skip = command.values.get("skip") == "yes"
    if row["bad"] and not skip:
        raise BadCommand(
            f"{row['bad']:,} lines have problems. Correct the file, or choose to import the good lines only."
        )
    await set_state(command, row, "checked", {"state": "running", "skip": skip})


async def stop(command: Command) -> None:
    """Stop an import after the block that is being stored."""
    row = await get_import(command)
    await set_state(command, row, "running", {"state": "stopped", "problem": "You stopped it."})


async def resume(command: Command) -> None:
    """Continue an import that stopped."""
    await set_state(command, await get_import(command), "stopped", {"state": "running", "problem": ""})


async def undo(command: Command) -> None:
    """Undo a whole import."""
    await undo_import(command, await get_import(command))


async def undo_import(command: Command, row: Row) -> None:
    """Undo an import, unless its rows were changed since."""
    if row["state"] not in ("done", "stopped"):
        raise BadCommand("Only an import that is done or stopped can be undone.")
    await refuse_if_changed(command, row)
    await set_state(command, row, row["state"], {"state": "undoing", "problem": ""})


async def forget(command: Command) -> None:
    """Remove an import that is over or was not begun from the list. Its rows stay."""
    row = await get_import(command)
    if row["state"] in ("running", "undoing"):
        raise BadCommand("This import is running. Stop it first.")
    await command.order(verb="delete", table="import", id=row["id"])


async def set_state(command: Command, row: Row, before: str, values: Row) -> None:
    """Change an import, if it is still in the state `before`."""
    await command.order(verb="update", table="import", id=row["id"], values=values, where={"state": before})


async def refuse_if_changed(command: Command, row: Row) -> None:
    """Raise `BadCommand` if rows of an import were changed since: it could be undone only in part."""
    bus, subject = command.hub.bus, row["subject"]
    progress = await every_row(bus, "change", {"subject": "import", "row": row["id"]})
    blocks = {change["asked"] for change in progress if "blocks" in change["after"]}
    since = {"id": {"from": progress[0]["id"]}}
    later = await every_row(bus, "change", {"subject": subject, "verb": ["update", "delete"], **since})
    touched = list({change["row"] for change in later if not change["undoes"] and not change["undone_by"]})
    changed = [key for key in touched if await was_made_by(bus, subject, key, blocks)]
    if changed:
        raise BadCommand(
            f"{count(len(changed), 'row')} of this import changed since (the first is {subject} {min(changed)}). "
            "Undo these changes in the journal first, then the import."
        )


async def was_made_by(bus: Bus, subject: str, key: Key, orders: set[str]) -> bool:
    """Return whether one of these orders inserted a row, and that was not undone."""
    made = await every_row(bus, "change", {"subject": subject, "row": key, "verb": "insert"})
    return any(change["asked"] in orders and not change["undone_by"] for change in made)


async def get_import(command: Command) -> Row:
    """Return the import that a command is about."""
    order = StoreOrder(verb="get", table="import", id=command.number("import"))
    answer = await ask_store(command.hub.bus, order)
    row: Row = answer.rows[0]
    return row
