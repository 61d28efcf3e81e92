"""The dialog that is shown when an edit would overwrite a change that somebody else made meanwhile."""

import json

from fastcore.xml import FT

from apps.tables import Field, Row, Table
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Dd, Div, Dl, Dt, Footer, P, Pre, commands
from web.html.rows.inputs import NOBODY
from web.html.rows.values import words
from web.state.fields import field_title
from web.state.page_view import row_id
from web.state.rows.context import RowContext
from web.state.types import PAGE_TYPES


def conflict_dialog(table: Table, now: Row, mine: Row, context: RowContext = NOBODY) -> FT:
    """Return the dialog that asks which values to keep. `now`: the row as it is; `mine`: values of the refused edit."""
    mine_shown = {name: shown(table.all_fields.get(name), value, context) for name, value in mine.items()}
    fields = [table.all_fields[name] for name in mine if name in table.all_fields and now[name] != mine[name]]
    theirs = {name: now[name] for name in mine if name in now}
    mine, theirs = (in_form(table, values, context) for values in (mine, theirs))
    return dialog(
        f"conflict-{table.name}-{now['id']}",
        "Changed meanwhile",
        P("While you were editing, this was changed elsewhere. Which version do you want to keep?"),
        *(
            Dl(
                Div(Dt(f"{field_title(one)}: yours"), Dd(Pre(mine_shown[one.name]))),
                Div(Dt("now"), Dd(Pre(shown(one, now[one.name], context)))),
                cls="versions",
            )
            for one in fields
        ),
        Footer(
            Button(
                "Keep mine",
                type="button",
                cls="primary",
                **commands("update", table=table.name, id=now["id"], where=theirs, **mine),
            ),
            Button("Keep theirs", type="button", autofocus=True, data_close=True),
            Button(
                "Edit again", type="button", data_edit_on=row_id(table.name, now["id"]), data_values=json.dumps(mine)
            ),
            cls="tools",
        ),
    )


def shown(one: Field | None, value: object, context: RowContext) -> str:
    """Return a value as its reader writes it."""
    if one is None or not one.may_be_none:
        return str(value)
    return "–" if value is None else words(one, value, context)


def in_form(table: Table, values: Row, context: RowContext) -> Row:
    """Return values as the inputs of a form hold them: they come back as if they had been typed."""
    fields = table.all_fields
    return {
        name: _held(fields[name], value, context) if name in fields and fields[name].may_be_none else value
        for name, value in values.items()
    }


def _held(one: Field, value: object, context: RowContext) -> str:
    return "" if value is None else PAGE_TYPES[one.type].in_input(value, context.reader)
