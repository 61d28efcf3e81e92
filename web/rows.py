"""The rows of an app's table as HTML: any table of `apps.tables`, with todo as the simplest one.

A row shows its first required text as its title, its booleans as boxes to tick, and its other fields beside the title.
"""

from collections.abc import Sequence

from fastcore.xml import FT

from apps.tables import Field, Row, Table
from web.elements import (
    H2,
    Button,
    Header,
    Input,
    Label,
    Li,
    Option,
    P,
    Section,
    Select,
    Span,
    Ul,
    command_form,
    commands,
    icon_button,
)
from web.views import PageView, list_id, row_id

INPUT_TYPES = {"text": "text", "integer": "number", "real": "number"}
"""Types of fields that a form asks for, and of the inputs that take them."""

LONGEST_SPOKEN = 80
"""Characters of a title in the label of a button."""


def app_pane(view: PageView) -> FT:
    """Return the whole pane of the open app."""
    table = view.table
    return Section(
        Header(H2(view.app.capitalize(), id="app-title"), Span(cls="count", data_count=table.name), cls="pane-head"),
        _add_form(table),
        rows_list(table, view.rows),
        P(f"No {_plural(table)} yet. Write the first one above, or ask the assistant for it.", cls="empty"),
        P(f"Only the first {len(view.rows):,} are shown.", cls="note") if view.rows_more else None,
        id="app",
        data_app=view.app,
        aria_labelledby="app-title",
    )


def _plural(table: Table) -> str:
    return f"{(table.label or table.name).removeprefix('a ').removeprefix('an ')}s"


def rows_list(table: Table, rows: Sequence[Row]) -> FT:
    """Return the list of rows."""
    return Ul(
        *(row_item(table, row) for row in rows),
        id=list_id(table.name),
        cls="rows",
        data_table=table.name,
        data_sortable=table.sortable,
        aria_label=f"List of {_plural(table)}",
    )


def row_item(table: Table, row: Row, *, by_model: bool = False) -> FT:
    """Return a row. `by_model`: the assistant changed it last."""
    name = row_id(table.name, row["id"])
    title = str(row[title_field(table).name])
    spoken = title if len(title) <= LONGEST_SPOKEN else f"{title[:LONGEST_SPOKEN]}…"
    which = {"table": table.name, "id": row["id"]}
    return Li(
        icon_button(
            "move", f"Move “{spoken}” (drag it, or press Alt with Up or Down)", id=f"{name}-move", data_move=True
        )
        if table.sortable
        else None,
        *(_tick(name, one, row, which) for one in table.fields if one.type == "boolean"),
        Span(title, id=f"{name}-title", cls="title"),
        *(_beside(one, row) for one in _beside_fields(table)),
        Span("assistant", cls="badge by-model", title="The assistant changed this") if by_model else None,
        Span(
            icon_button("edit", f"Edit “{spoken}”", id=f"{name}-edit", data_edit=True),
            icon_button("delete", f"Delete “{spoken}”", id=f"{name}-delete", **commands("delete", **which)),
            cls="row-tools",
        ),
        _edit_form(table, row, name, which),
        id=name,
        cls="row",
        data_id=str(row["id"]),
        data_done=True if row.get("done") is True else None,
    )


def title_field(table: Table) -> Field:
    """Return the field that names a row."""
    texts = [one for one in table.fields if one.type == "text" and not one.choices]
    return next((one for one in texts if one.required), (*texts, *table.fields)[0])


def _beside_fields(table: Table) -> list[Field]:
    title = title_field(table)
    return [one for one in table.fields if one is not title and one.type in INPUT_TYPES]


def _name(one: Field) -> str:
    return (one.label or one.name).replace("_", " ").capitalize()


def _tick(name: str, one: Field, row: Row, which: dict[str, object]) -> FT:
    return Input(
        type="checkbox",
        id=f"{name}-{one.name}",
        cls="tick",
        checked=bool(row[one.name]),
        title=_name(one),
        aria_label=f"{_name(one)}:",
        aria_labelledby=f"{name}-{one.name} {name}-title",
        **commands("toggle", field=one.name, **which),
    )


def _beside(one: Field, row: Row) -> FT | None:
    value = row[one.name]
    return None if value in ("", None) else Span(Span(f"{_name(one)} ", cls="field-name"), str(value), cls="beside")


# --- forms ---


def _add_form(table: Table) -> FT:
    title = title_field(table)
    return command_form(
        "insert",
        _input(title, f"{table.name}-new", title.default, placeholder=f"Add {table.label or table.name}"),
        *(_labelled(one, f"{table.name}-new", one.empty) for one in _beside_fields(table)),
        Button("Add", type="submit", cls="primary"),
        values={"table": table.name},
        id=f"{table.name}-form",
        cls="add",
        data_clear=True,
        aria_label=f"Add {table.label or table.name}",
    )


def _edit_form(table: Table, row: Row, name: str, which: dict[str, object]) -> FT:
    title = title_field(table)
    return command_form(
        "update",
        _input(title, f"{name}-edit", row[title.name]),
        *(_labelled(one, f"{name}-edit", row[one.name]) for one in _beside_fields(table)),
        Button("Save", type="submit", cls="primary"),
        Button("Cancel", type="button", data_cancel=True),
        values=which,
        id=f"{name}-edit-form",
        cls="edit",
        hidden=True,
    )


def _labelled(one: Field, name: str, value: object) -> FT:
    return Label(Span(_name(one)), _input(one, name, value), cls="field")


def _input(one: Field, name: str, value: object, placeholder: str = "") -> FT:
    common = {"name": one.name, "id": f"{name}-{one.name}", "aria_label": _name(one)}
    if one.choices:
        return Select(*(Option(choice, selected=choice == value) for choice in one.choices), **common)
    return Input(
        type=INPUT_TYPES[one.type],
        value=str(value) if value is not None else None,
        step="any" if one.type == "real" else None,
        required=one.required,
        autocomplete="off",
        placeholder=placeholder or None,
        **common,
    )
