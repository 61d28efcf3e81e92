"""The forms of a table as HTML: one that adds a row, and one in each row that changes it."""

from fastcore.xml import FT

from apps.tables import Field, Row, Table
from web.html.parts.elements import Button, Label, Option, Select, Span, TextInput, command_form
from web.state.fields import beside_fields, field_title, title_field
from web.state.types import PAGE_TYPES


def add_form(table: Table) -> FT:
    """Return the form that adds a row."""
    title = title_field(table)
    return command_form(
        "insert",
        field_input(title, f"{table.name}-new", title.default, placeholder=f"Add {table.label or table.name}"),
        *(_labelled(one, f"{table.name}-new", one.empty) for one in beside_fields(table)),
        Button("Add", type="submit", cls="primary"),
        values={"table": table.name},
        id=f"{table.name}-form",
        cls="add",
        data_clear=True,
        aria_label=f"Add {table.label or table.name}",
    )


def edit_form(table: Table, row: Row, name: str) -> FT:
    """Return the form that edits a row in place; the script opens it. `name`: id of the row's element."""
    title = title_field(table)
    return command_form(
        "update",
        field_input(title, f"{name}-edit", row[title.name]),
        *(_labelled(one, f"{name}-edit", row[one.name]) for one in beside_fields(table)),
        Button("Save", type="submit", cls="primary"),
        Button("Cancel", type="button", data_cancel=True),
        values={"table": table.name, "id": row["id"]},
        id=f"{name}-edit-form",
        cls="edit",
        hidden=True,
    )


def _labelled(one: Field, name: str, value: object) -> FT:
    return Label(Span(field_title(one)), field_input(one, name, value), cls="field")


def field_input(
    one: Field,
    name: str,
    value: object,
    placeholder: str = "",
    *,
    least: float | None = None,
    most: float | None = None,
) -> FT:
    """Return the input of a field. `name`: first part of its id; `least`, `most`: limits of a number."""
    common = {"name": one.name, "id": f"{name}-{one.name}", "aria_label": field_title(one)}
    if one.choices:
        return Select(*(Option(choice, selected=choice == value) for choice in one.choices), **common)
    return TextInput(
        type=PAGE_TYPES[one.type].input or "text",
        value=str(value) if value is not None else None,
        step=PAGE_TYPES[one.type].step,
        min=str(least) if least is not None else None,
        max=str(most) if most is not None else None,
        required=one.required,
        autocomplete="off",
        placeholder=placeholder or None,
        **common,
    )
