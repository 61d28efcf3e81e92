"""What was understood in a line of quick entry, as chips below the line. Each can be taken back."""

import json
from collections.abc import Sequence

from fastcore.xml import FT

from apps.due.entry import Chip, Entry
from apps.due.near import near
from apps.tables import Table
from web.html.parts.elements import Button, Div, Input, Span
from web.html.rows.values import words
from web.state.fields import field_title
from web.state.rows.context import RowContext


def chips_id(table: Table) -> str:
    """Return the id of the chips of a table's form."""
    return f"{table.name}-understood"


def chips(table: Table, entry: Entry | None, kept: Sequence[str], context: RowContext) -> FT:
    """Return the chips of a line; none for None. `kept`: the parts that were taken back."""
    shown = entry.chips if entry else ()
    return Div(
        *(_chip(table, number, one, context) for number, one in enumerate(shown)),
        Input(type="hidden", name="kept", value=json.dumps(list(kept))) if kept else None,
        id=chips_id(table),
        cls="understood",
        role="status",
        aria_label="Understood",
        hidden=not shown and not kept,
    )


def _chip(table: Table, number: int, one: Chip, context: RowContext) -> FT:
    name = field_title(one.field)
    said = said_of(one, context)
    return Button(
        Span(f"{name} ", cls="field-name"),
        said,
        Span("×", aria_hidden="true", cls="away"),
        type="button",
        id=f"{chips_id(table)}-{number}",
        cls="chip",
        title=f"Leave “{one.words}” in the title",
        aria_label=f"{name} {said}. Leave “{one.words}” in the title",
        data_chip=one.words,
    )


def said_of(one: Chip, context: RowContext) -> str:
    """Return what a chip means: a day in words near today."""
    if one.field.kind.is_when:
        return near(one.value, context.now, context.reader)
    return words(one.field, one.value, context)
