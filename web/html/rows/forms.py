"""The forms of a table as HTML: one that adds a row, and one in each row that changes it."""

from fastcore.xml import FT

from apps.tables import Field, Row, Table
from web.html.parts.elements import Button, Label, Span, command_form
from web.html.rows.entry import chips, chips_id
from web.html.rows.inputs import NOBODY, field_input, label_of
from web.state.fields import beside_fields
from web.state.rows.context import RowContext


def add_form(table: Table, context: RowContext = NOBODY) -> FT:
    """Return the form that adds a row."""
    title = table.title_field
    if table.quick_entry:
        return quick_form(table, context)
    return command_form(
        "insert",
        field_input(title, f"{table.name}-new", title.default, f"Add {table.label or table.name}", context=context),
        *(_labelled(one, f"{table.name}-new", one.empty, context) for one in beside_fields(table)),
        Button("Add", type="submit", cls="primary"),
        values={"table": table.name},
        id=f"{table.name}-form",
        cls="add",
        data_clear=True,
        aria_label=f"Add {table.label or table.name}",
    )


def quick_form(table: Table, context: RowContext = NOBODY) -> FT:
    """Return the form that adds a row by one line. The script shows what is understood of it."""
    title = table.title_field
    return command_form(
        "enter",
        field_input(title, f"{table.name}-new", title.default, f"Add {table.label or table.name}", context=context),
        Button("Add", type="submit", cls="primary"),
        chips(table, None, (), context),
        values={"table": table.name},
        id=f"{table.name}-form",
        cls="add",
        data_clear=True,
        data_understood=chips_id(table),
        data_line=title.name,
        aria_label=f"Add {table.label or table.name}",
    )


def edit_form(table: Table, row: Row, name: str, context: RowContext = NOBODY) -> FT:
    """Return the form that edits a row in place; the script opens it. `name`: id of the row's element."""
    title = table.title_field
    return command_form(
        "update",
        field_input(title, f"{name}-edit", row[title.name], context=context),
        *(_labelled(one, f"{name}-edit", row[one.name], context) for one in beside_fields(table)),
        Button("Save", type="submit", cls="primary"),
        Button("Cancel", type="button", data_cancel=True),
        values={"table": table.name, "id": row["id"]},
        id=f"{name}-edit-form",
        cls="edit",
        hidden=True,
    )


def _labelled(one: Field, name: str, value: object, context: RowContext) -> FT:
    return Label(Span(label_of(one)), field_input(one, name, value, context=context), cls="field")
