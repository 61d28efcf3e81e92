"""Rows of a table: insert, update, toggle, delete, move."""

import json
from collections.abc import Sequence
from dataclasses import replace

from apps.core import CORE, PROFILE
from apps.tables import Row, Table
from apps.types.reader import Reader
from bus.errors import Refused
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands.command import ENVELOPE, BadCommand, Command
from web.commands.heard import get_row
from web.html.parts.dialogs import draw_dialog
from web.html.parts.fragments import append
from web.html.rows.edit_conflict import conflict_dialog
from web.html.rows.forms import edit_form
from web.live.outbox import Frame
from web.live.rows.linked import read_linked
from web.state.form_values import from_form
from web.state.page_view import profile_in, row_id
from web.state.rows.context import RowContext
from web.state.window import Key

EDITABLE = ("conversation", "schedule", "permission", "macro")
"""Tables of the core whose rows the page may change directly."""
PLACES_READ = 3
"""The row, the one that is moved before it, and the one before both."""
ADDRESS = {"table", "id", "where"}
"""Fields of a command that name the row."""


async def insert(command: Command) -> None:
    """Add a row, in the profile in view."""
    table = table_of(command)
    values = fields_of(command, table)
    if table.scoped:
        values["profile"] = profile_in(command.hub.shared.settings)
    await command.order(verb="insert", table=table.name, values=values)


async def edit(command: Command) -> None:
    """Add the form that edits a row to the row in the page."""
    table, window = table_of(command), command.tab.window
    row = await get_row(command, table)
    form = edit_form(table, row, row_id(table.name, row["id"]), await context_of(command, table, [row]))

    def draw() -> str:
        if command.tab.window is not window or command.hub.apps.table_in(window) is not table:
            return ""
        window.edit(row["id"])
        return append(row_id(table.name, row["id"]), form)

    command.tab.push(Frame(draw, "app"))


async def context_of(command: Command, table: Table, rows: Sequence[Row]) -> RowContext:
    """Return what rows are drawn with in the tab of a command."""
    hub = command.hub
    linked = await read_linked(hub.reader, hub.registry.tables, table, rows, hub.shared.settings)
    return replace(command.tab.context, titles=linked.titles, choices=linked.choices, parts=linked.parts)


async def update(command: Command) -> None:
    """Change fields of a row. If somebody else changed one since the edit began, ask which value to keep.

    The command's `where` holds the values that the fields had when the edit began.
    """
    table = table_of(command)
    await change(command, fields_of(command, table), values_before(command, table))


async def change(command: Command, values: Row, before: Row) -> None:
    """Change fields of a row, if those of `before` still have these values; else ask which to keep."""
    table, key = table_of(command), key_of(command)
    try:
        await command.order(verb="update", table=table.name, id=key, values=values, where=before)
    except Refused as refusal:
        if refusal.code != "conflict":
            raise
        await ask_which(command, table, values)


async def ask_which(command: Command, table: Table, mine: Row) -> None:
    """Show both versions in this tab."""
    answer = await ask_store(command.hub.bus, StoreOrder(verb="get", table=table.name, id=key_of(command)))
    command.tab.push(Frame(draw_dialog(conflict_dialog(table, answer.rows[0], mine, command.tab.context))))


async def toggle(command: Command) -> None:
    """Flip a boolean field of a row."""
    await on_row(command, "toggle", {"field": command.text("field")})


async def delete(command: Command) -> None:
    """Delete a row."""
    await on_row(command, "delete", {})


async def move(command: Command) -> None:
    """Put a row after another one (`after`), or before one (`before`) if the page shows none in front of that."""
    after = await row_in_front(command) if "before" in command.values else command.number("after")
    await on_row(command, "sort", {"after": after})


async def row_in_front(command: Command) -> int:
    """Return the id of the row in front of `before`, other than the moved one; 0 for none."""
    table = table_of(command)
    order = StoreOrder(verb="get", table=table.name, id=command.number("before"))
    row = (await ask_store(command.hub.bus, order)).rows[0]
    where = {"position": {"to": row["position"]}, **({"profile": row["profile"]} if table.scoped else {})}
    listed = await command.hub.reader.read(table.name, PLACES_READ, where, "-position")
    passed = (int(one["id"]) for one in listed.rows if one["id"] not in (row["id"], command.number("id")))
    return next(passed, 0)


async def on_row(command: Command, verb: str, values: Row) -> None:
    """Order a verb for the row that the command is about."""
    table = table_of(command)
    await command.order(verb=verb, table=table.name, id=key_of(command), values=values)


def key_of(command: Command) -> Key:
    """Return the id of the row that a command is about."""
    return command.text("id") if table_of(command).keyed else command.number("id")


def values_before(command: Command, table: Table) -> Row:
    """Return the values at the begin of an edit; the page sends them as a map or as JSON text."""
    sent = command.values.get("where", {})
    try:
        where = json.loads(sent) if type(sent) is str else sent
    except (ValueError, RecursionError):
        where = None
    if type(where) is not dict:
        raise BadCommand(f"`where` of the command {command.name} is {sent!r:.60}. Expected a map of fields to values.")
    return typed(where, table, command.tab.reader)


def table_of(command: Command) -> Table:
    """Return the table that a command is about: an app's, or one of those in `EDITABLE`."""
    name, registry = command.text("table"), command.hub.registry
    table = registry.tables.get(name)
    if table is PROFILE:
        raise BadCommand("Profiles are changed in the app Profiles, which asks what to do with their rows.")
    editable = name in EDITABLE if table in CORE else registry.app_of(name) is not None
    if table is None or not editable:
        raise BadCommand(f"The table {name!r:.60} cannot be changed here.")
    return table


def fields_of(command: Command, table: Table) -> Row:
    """Return the fields of a form in the types of the table; the store refuses unknown ones."""
    sent = {name: value for name, value in command.values.items() if name not in ENVELOPE | ADDRESS}
    return typed(sent, table, command.tab.reader)


def typed(sent: Row, table: Table, reader: Reader) -> Row:
    """Return values of a form in the types of the table, as this reader writes them."""
    known = table.all_fields
    return {name: from_form(known[name], value, reader) if name in known else value for name, value in sent.items()}
