"""The dialog that is shown when an edit would overwrite a change that somebody else made meanwhile."""

import json

from fastcore.xml import FT

from apps.tables import Row, Table
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Dd, Div, Dl, Dt, Footer, P, Pre, commands
from web.state.fields import field_title
from web.state.page_view import row_id


def conflict_dialog(table: Table, now: Row, mine: Row) -> FT:
    """Return the dialog that asks which values to keep. `now`: the row as it is; `mine`: values of the refused edit."""
    fields = [table.all_fields[name] for name in mine if name in table.all_fields and now[name] != mine[name]]
    theirs = {name: now[name] for name in mine if name in now}
    return dialog(
        f"conflict-{table.name}-{now['id']}",
        "Changed meanwhile",
        P("While you were editing, this was changed elsewhere. Which version do you want to keep?"),
        *(
            Dl(
                Div(Dt(f"{field_title(one)}: yours"), Dd(Pre(str(mine[one.name])))),
                Div(Dt("now"), Dd(Pre(str(now[one.name])))),
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
