"""The dialog that changes when a schedule is due, and what it asks or adds."""

from fastcore.xml import FT

from apps.core import SCHEDULE
from apps.tables import Row
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Footer, Label, P, Span, Textarea, command_form
from web.html.rows.inputs import field_input
from web.state.fields import field_title
from web.state.rows.context import RowContext


def name_of(row: Row) -> str:
    """Return the id of the dialog."""
    return f"edit-schedule-{row['id']}"


def words_of(row: Row) -> str:
    """Return the words of a schedule that can be changed: what it asks, or the title of the row that it adds."""
    if row["kind"] == "prompt":
        return str(row["prompt"])
    return str(row["title"]) if row["kind"] == "order" else ""


def edit_dialog(row: Row, context: RowContext) -> FT:
    """Return the dialog."""
    name = name_of(row)
    return dialog(
        name,
        "Edit the schedule",
        P(row["title"], dir="auto"),
        command_form(
            "schedule-edit",
            *(_input(field, row, name, context) for field in ("at", "repeat", "zone", "missed")),
            _words(row, name),
            Footer(Button("Save", type="submit", cls="primary"), cls="tools"),
            values={"table": SCHEDULE.name, "id": row["id"]},
            cls="row-form",
            data_stays=True,
        ),
    )


def _input(field: str, row: Row, name: str, context: RowContext) -> FT:
    one = SCHEDULE.all_fields[field]
    return Label(Span(field_title(one)), field_input(one, name, row[field], context=context), cls="field")


def _words(row: Row, name: str) -> FT | None:
    if row["kind"] in ("job", "macro"):
        return None
    words = Textarea(words_of(row), name="text", id=f"{name}-text", rows="3", required=True, maxlength=20_000)
    return Label(Span("Words"), words, cls="field")
