"""Add a row by one line: "call the bank tomorrow 9:00 #home". Show meanwhile what was understood."""

import json
from datetime import datetime

from apps.due.entry import Entry, read_entry
from apps.tables import Row, Table
from web.commands.command import BadCommand, Command
from web.commands.heard import get_row
from web.commands.rows import table_of
from web.html.parts.dialogs import draw_dialog
from web.html.parts.fragments import replace
from web.html.rows.entry import chips
from web.html.rows.snooze_dialog import part_dialog
from web.live.outbox import Frame
from web.state.page_view import profile_in

MOST_KEPT = 100


async def enter(command: Command) -> None:
    """Add the row that a line means, in the profile in view; under another row, if the command names one."""
    table = quick_table(command)
    entry = entry_of(command, table)
    values: Row = {table.title_field.name: entry.title, **entry.values}
    if table.scoped:
        values["profile"] = profile_in(command.hub.shared.settings)
    if table.nested and "under" in command.values:
        values[table.nested] = [command.number("under")]
    await command.order(verb="insert", table=table.name, values=values)


async def understand(command: Command) -> None:
    """Show what is understood of a line that is being written."""
    table = quick_table(command)
    shown = chips(table, entry_of(command, table), kept_of(command), command.tab.context)
    command.tab.push(Frame(replace(shown), "app", key="understood"))


async def ask_part(command: Command) -> None:
    """Ask for the part of a row."""
    table = quick_table(command)
    command.tab.push(Frame(draw_dialog(part_dialog(table, await get_row(command, table)))))


def entry_of(command: Command, table: Table) -> Entry:
    """Return the line of a command as its reader means it."""
    reader = command.tab.reader
    line = command.text(table.title_field.name)
    return read_entry(table, line, datetime.now(reader.zone), reader.locale, kept_of(command))


def kept_of(command: Command) -> list[str]:
    """Return the parts of the line that stay in the title; the page sends them as JSON."""
    try:
        kept = json.loads(str(command.values.get("kept") or "[]"))
    except (ValueError, RecursionError):
        kept = None
    if type(kept) is not list or len(kept) > MOST_KEPT or not all(type(one) is str for one in kept):
        raise BadCommand(f"`kept` is {command.values.get('kept')!r:.60}. Expected a list of parts of the line.")
    return kept


def quick_table(command: Command) -> Table:
    """Return the table of a command, whose rows are added by one line."""
    table = table_of(command)
    if not table.quick_entry:
        raise BadCommand(f"Rows of {table.name!r:.60} are added by a form. Reload the page.")
    return table
