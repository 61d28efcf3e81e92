"""The rows of an app's table as HTML, for any table of `apps.tables`; todo is the simplest one.

A row shows its first required text as its title, its booleans as checkboxes, and its other fields beside the title.
"""

from collections.abc import Sequence

from fastcore.xml import FT

from apps.tables import Field, Row, Table
from web.html.parts.elements import Button, Div, Input, Li, P, Span, Ul, commands
from web.html.parts.links import linked
from web.html.rows.due import PLANNED, planned
from web.html.rows.forms import edit_form
from web.html.rows.inputs import NOBODY
from web.html.rows.row_menu import MENU
from web.html.rows.values import value_of, words
from web.state.fields import beside_fields, field_title, plural
from web.state.page_view import PageView, list_id, row_id
from web.state.rows.context import RowContext
from web.state.types import PAGE_TYPES
from web.state.window import MOST_ROWS, Key, Shown

LONGEST_TITLE = 400
"""Characters of a row's title that the list shows. The form that edits it has all."""


def rows_list(view: PageView, table: Table, rows: Sequence[Row]) -> FT:
    """Return the list of rows."""
    marked, under = view.marked, right_under(table, rows)
    return Ul(
        *(
            row_item(
                table,
                row,
                by_model=row["id"] in view.by_model,
                marked=row["id"] == marked,
                edited=row["id"] in view.edited,
                under=row["id"] in under,
                context=view.context,
            )
            for row in rows
        ),
        id=list_id(table.name),
        cls="rows",
        data_table=table.name,
        data_sortable=table.sortable,
        data_offset=str(view.shown.offset),
        aria_label=f"List of {plural(table)}",
    )


def row_item(
    table: Table,
    row: Row,
    *,
    by_model: bool = False,
    marked: bool = False,
    edited: bool = False,
    under: bool = False,
    context: RowContext = NOBODY,
) -> FT:
    """Return a row. `by_model`: the assistant changed it last. `marked`: the page scrolls to it and highlights it.

    `edited`: with the form that edits it. `under`: it stands right under the row that it is a part of. `context`: for
    whom it is drawn, and what its links are called.
    """
    title = table.title_field
    name = row_id(table.name, row["id"])
    which = {"table": table.name, "id": row["id"]}
    return Li(
        tool(name, "move", "Move", title="Drag it, or press Alt with ↑ or ↓", data_move=True)
        if table.sortable
        else None,
        *(checkbox(name, one, row, which) for one in table.fields if one.kind.is_switch),
        Span(
            *linked(words(title, row[title.name], context), LONGEST_TITLE), id=f"{name}-title", cls="title", dir="auto"
        ),
        planned(table, row, context),
        *(beside(table, one, row, context) for one in beside_fields(table)),
        Span("assistant", cls="badge by-model", title="The assistant changed this") if by_model else None,
        Span(
            tool(name, "edit", "Edit", data_edit=True),
            tool(name, "more", "More", aria_haspopup="menu", data_row_menu=MENU),
            cls="row-tools",
        ),
        edit_form(table, row, name, context) if edited else None,
        id=name,
        cls="row part" if under else "row",
        data_offers=offers_of(table, row) or None,
        data_table=table.name,
        data_id=str(row["id"]),
        tabindex="-1",
        data_done=True if row.get("done") is True else None,
        data_marked=True if marked else None,
    )


def right_under(table: Table, rows: Sequence[Row]) -> set[Key]:
    """Return the ids of the rows that stand right under the one of which they are a part, or behind its other parts."""
    found: set[Key] = set()
    above: Key = 0
    for row in rows if table.nested else ():
        parents = row.get(table.nested)
        if not parents:
            above = row["id"]
        elif parents[0] == above:
            found.add(row["id"])
    return found


def beside(table: Table, one: Field, row: Row, context: RowContext) -> FT | None:
    """Return a value beside the title of a row; None for none."""
    if row.get(one.name) is None or PAGE_TYPES[one.type].look in PLANNED:
        return None
    drawn = value_of(one, row, context, row_id(table.name, row["id"]))
    return Span(drawn, cls="above") if drawn and one.name == table.nested else drawn


def offers_of(table: Table, row: Row) -> str:
    """Return the entries of the row's menu that not every row has."""
    entries = {
        "snooze-ask": table.due_field is not None and row.get("done") is not True,
        "part-ask": table.quick_entry and bool(table.nested) and not row.get(table.nested),
    }
    return " ".join(name for name, offered in entries.items() if offered)


def tool(name: str, icon: str, label: str, **attributes: object) -> FT:
    """Return a button of a row. Its name for screen readers is the label and the row's title."""
    key, tooltip = f"{name}-{icon}", attributes.pop("title", label)
    return Button(
        type="button",
        id=key,
        cls=f"icon icon-{icon}",
        title=tooltip,
        aria_label=f"{label}:",
        aria_labelledby=f"{key} {name}-title",
        **attributes,
    )


def checkbox(name: str, one: Field, row: Row, which: dict[str, object]) -> FT:
    """Return the box of a field that is true or false. `name`: id of the row's element."""
    return Input(
        type="checkbox",
        id=f"{name}-{one.name}",
        cls="tick",
        checked=bool(row[one.name]),
        title=field_title(one),
        aria_label=f"{field_title(one)}:",
        aria_labelledby=f"{name}-{one.name} {name}-title",
        **commands("toggle", field=one.name, **which),
    )


# --- which part of the list is shown ---


def row_range(table: Table, shown: Shown) -> FT:
    """Return which rows the page shows, when it does not show all, and the buttons that show others."""
    all_shown = shown.count == shown.total
    last = shown.offset + shown.count
    return Div(
        _page_button(table, "Earlier rows", max(0, shown.offset - MOST_ROWS)) if shown.offset else None,
        P(f"{shown.offset + 1:,} to {last:,} of {shown.total:,}") if shown.count and not all_shown else None,
        _more_button(table, shown) if shown.more else None,
        id=f"{table.name}-range",
        cls="range",
        hidden=all_shown,
    )


def _more_button(table: Table, shown: Shown) -> FT:
    if shown.count >= MOST_ROWS:
        return _page_button(table, "Later rows", shown.offset + shown.count)
    name = f"{table.name}-more"
    return Button("Show more", type="button", id=name, data_more=True, **commands("more"))


def _page_button(table: Table, label: str, offset: int) -> FT:
    name = f"{table.name}-from-{offset}"
    return Button(label, type="button", id=name, **commands("page", offset=offset))
