"""The forms of a row in a dialog: to change it, and to add one that begins with values, like a day."""

from apps.sentences import title_of
from apps.tables import BadValue, Row, Table
from web.commands import rows
from web.commands.command import BadCommand, Command
from web.commands.heard import get_row
from web.commands.rows import context_of, fields_of, table_of, values_before
from web.html.parts.dialogs import draw_dialog, draw_end
from web.html.views.row_form import edit_dialog, name_of, new_dialog
from web.live.outbox import Frame
from web.state.form_values import from_form


async def edit(command: Command) -> None:
    """Show the form that changes a row; the assistant hears which row that is.

    `values`: what was typed into an earlier form of the row, which this one begins with.
    """
    table = table_of(command)
    row = await get_row(command, table)
    context = await context_of(command, table, [row])
    command.tab.push(Frame(draw_dialog(edit_dialog(table, row, begun(command, table), context))))
    name, profile = title_of(row, table), row.get("profile", 0)
    command.acted("selected", profile=profile, table=table.name, id=str(row["id"]), name=name)


async def new(command: Command) -> None:
    """Show the form that adds a row."""
    table = table_of(command)
    begins = begun(command, table)
    context = await context_of(command, table, [])
    command.tab.push(Frame(draw_dialog(new_dialog(table, begins, context))))


async def insert(command: Command) -> None:
    """Add the row of a form, and close its dialog."""
    await rows.insert(command)
    command.tab.push(Frame(draw_end(name_of(table_of(command), "insert"))))


async def update(command: Command) -> None:
    """Change what the form of a row has changed, and close its dialog."""
    table = table_of(command)
    values, before = fields_of(command, table), values_before(command, table)
    changed = [name for name, value in values.items() if name not in before or before[name] != value]
    if changed:
        await rows.change(command, {name: values[name] for name in changed}, {name: before[name] for name in changed})
    command.tab.push(Frame(draw_end(name_of(table, "update"))))


def begun(command: Command, table: Table) -> Row:
    """Return the values with which the form begins."""
    said = command.values.get("values") or {}
    if type(said) is not dict or not said.keys() <= table.all_fields.keys():
        raise BadCommand(f"The new row begins with {said!r:.60}. Expected values of fields of {table.name}.")
    try:
        return {name: from_form(table.all_fields[name], value, command.tab.reader) for name, value in said.items()}
    except BadValue as problem:
        raise BadCommand(str(problem)) from problem
