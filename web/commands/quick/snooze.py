"""Put off a row that is due."""

from apps.due.snooze import CHOICES, snoozed
from apps.tables import BadValue, Field, Table
from web.commands.command import BadCommand, Command
from web.commands.heard import get_row
from web.commands.rows import table_of
from web.html.parts.dialogs import draw_dialog
from web.html.rows.snooze_dialog import snooze_dialog
from web.live.outbox import Frame
from web.state.form_values import from_form


async def ask_snooze(command: Command) -> None:
    """Ask until when."""
    table = table_of(command)
    row, due = await get_row(command, table), due_field(table)
    command.tab.push(Frame(draw_dialog(snooze_dialog(table, row, row[due.name], command.tab.context))))


async def snooze(command: Command) -> None:
    """Put off a row: by one of the choices, or to the day in `to`, with the time of day that it has."""
    table = table_of(command)
    row, due = await get_row(command, table), due_field(table)
    to, now = command.text("to"), command.tab.context.now
    value = snoozed(to, row[due.name], now) if to in CHOICES else on_day(command, due, to, row[due.name])
    await command.order(verb="update", table=table.name, id=row["id"], values={due.name: value})


def on_day(command: Command, due: Field, to: str, before: str | None) -> str:
    """Return the day that was chosen, with the time of day of the old date."""
    value = from_form(due, to, command.tab.reader)
    if not value:
        raise BadValue("bad_value", "No day is chosen. Choose one.")
    clock = (before or "").partition("T")[2]
    return f"{value}T{clock}" if clock and "T" not in value else str(value)


def due_field(table: Table) -> Field:
    """Return the field that says when a row is due."""
    if table.due_field is None:
        raise BadCommand(f"Rows of {table.name!r:.60} are never due.")
    return table.due_field
