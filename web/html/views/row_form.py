"""The dialog with the form of a row, for views in which a row has no room for it."""

import json
from typing import Any

from fastcore.xml import FT

from apps.tables import Field, Row, Table
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Footer, Label, Span, command_form
from web.html.rows.edit_conflict import in_form
from web.html.rows.inputs import field_input, label_of
from web.state.fields import beside_fields, noun
from web.state.rows.context import RowContext

WORDS = {"update": ("Edit {noun}", "Save"), "insert": ("New {noun}", "Add")}
"""By the command of the form: the title of the dialog, and the label of its button."""


def edit_dialog(table: Table, row: Row, typed: Row, context: RowContext) -> FT:
    """Return the dialog that changes a row. `typed`: values that the form begins with in place of those of the row.

    The change is refused if somebody else changes the same fields meanwhile.
    """
    began = in_form(table, {one.name: row[one.name] for one in _fields(table)}, context)
    return _dialog("update", table, {**row, **typed}, context, id=row["id"], where=json.dumps(began))


def new_dialog(table: Table, begins: Row, context: RowContext) -> FT:
    """Return the dialog that adds a row. `begins`: values that the form begins with."""
    values = {one.name: begins.get(one.name, one.empty) for one in _fields(table)}
    return _dialog("insert", table, values, context)


def name_of(table: Table, do: str) -> str:
    """Return the id of a dialog."""
    return f"{table.name}-{do}"


def _fields(table: Table) -> list[Field]:
    return [table.title_field, *beside_fields(table)]


def _dialog(do: str, table: Table, row: Row, context: RowContext, **values: Any) -> FT:
    title, label = WORDS[do]
    name = name_of(table, do)
    return dialog(
        name,
        title.format(noun=noun(table)),
        command_form(
            f"row-{do}",
            *(
                Label(
                    Span(label_of(one)),
                    field_input(one, name, row[one.name], context=context, begins=one is table.title_field),
                    cls="field",
                )
                for one in _fields(table)
            ),
            Footer(
                Button(label, type="submit", cls="primary"),
                Button("Cancel", type="button", data_close=True),
                cls="tools",
            ),
            values={"table": table.name, **values},
            id=f"{name}-form",
            cls="row-form",
            data_stays=True,
        ),
    )
