"""What the user does with rows of a table: insert, update, toggle, delete, move."""

from apps.tables import Row, Table
from web.command import ENVELOPE, BadCommand, Command
from web.values import from_form
from web.views import profile_in

EDITABLE = ("conversation", "profile")
"""Tables of the core whose rows the page may change directly."""


async def insert(command: Command) -> None:
    """Add a row, in the profile in view."""
    table = table_of(command)
    values = fields_of(command, table)
    if table.scoped:
        values["profile"] = profile_in(command.room.settings)
    await command.order(verb="insert", table=table.name, values=values)


async def update(command: Command) -> None:
    """Change fields of a row."""
    table = table_of(command)
    values = fields_of(command, table)
    await command.order(verb="update", table=table.name, id=command.number("id"), values=values)


async def toggle(command: Command) -> None:
    """Flip a boolean field of a row."""
    await on_row(command, "toggle", {"field": command.text("field")})


async def delete(command: Command) -> None:
    """Delete a row."""
    await on_row(command, "delete", {})


async def move(command: Command) -> None:
    """Put a row behind another one."""
    await on_row(command, "sort", {"after": command.number("after")})


async def on_row(command: Command, verb: str, values: Row) -> None:
    """Carry out a verb on a row."""
    table = table_of(command)
    await command.order(verb=verb, table=table.name, id=command.number("id"), values=values)


def table_of(command: Command) -> Table:
    """Return the table that a command is about: an app's, or one of the core that may be edited."""
    name, registry = command.text("table"), command.room.registry
    table = registry.tables.get(name)
    if table is None or (registry.app_of(name) is None and name not in EDITABLE):
        raise BadCommand(f"The table {name!r:.60} cannot be changed here.")
    return table


def fields_of(command: Command, table: Table) -> Row:
    """Return the fields of a form in the types of the table; unknown ones are left to the store to refuse."""
    sent = {name: value for name, value in command.values.items() if name not in ENVELOPE | {"table", "id"}}
    known = table.all_fields
    return {name: from_form(known[name], value) if name in known else value for name, value in sent.items()}
