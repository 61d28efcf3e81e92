"""The rows of an app's table as HTML, for any table of `apps.tables`; todo is the simplest one.

A row shows its first required text as its title, its booleans as checkboxes, and its other fields beside the title.
"""

from collections.abc import Sequence

from fastcore.xml import FT

from apps.tables import Field, Row, Table
from web.html.parts.about import erase_button, why_button
from web.html.parts.elements import Button, Div, Input, Li, P, Span, Ul, commands, icon_button
from web.html.rows.forms import edit_form
from web.state.fields import beside_fields, field_title, plural, title_field
from web.state.page_view import PageView, list_id, row_id
from web.state.window import MOST_ROWS, Shown

LONGEST_SPOKEN = 80
"""Characters of a row's title in the label of a button."""


def rows_list(view: PageView, table: Table, rows: Sequence[Row]) -> FT:
    """Return the list of rows."""
    marked = view.marked
    items = (row_item(table, row, by_model=row["id"] in view.by_model, marked=row["id"] == marked) for row in rows)
    return Ul(
        *items,
        id=list_id(table.name),
        cls="rows",
        data_table=table.name,
        data_sortable=table.sortable,
        data_offset=str(view.shown.offset),
        data_count=str(view.shown.total),
        aria_label=f"List of {plural(table)}",
    )


def row_item(table: Table, row: Row, *, by_model: bool = False, marked: bool = False) -> FT:
    """Return a row. `by_model`: the assistant changed it last. `marked`: the page scrolls to it and highlights it."""
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
        *(_checkbox(name, one, row, which) for one in table.fields if one.kind.is_switch),
        Span(title, id=f"{name}-title", cls="title", dir="auto"),
        *(_value(one, row) for one in beside_fields(table)),
        Span("assistant", cls="badge by-model", title="The assistant changed this") if by_model else None,
        Span(
            why_button(table.name, row["id"], f"Why “{spoken}”?"),
            icon_button("edit", f"Edit “{spoken}”", id=f"{name}-edit", data_edit=True),
            icon_button("delete", f"Delete “{spoken}”", id=f"{name}-delete", **commands("delete", **which)),
            erase_button(table.name, row["id"], f"Erase “{spoken}” for good …"),
            cls="row-tools",
        ),
        edit_form(table, row, name, which),
        id=name,
        cls="row",
        data_id=str(row["id"]),
        tabindex="-1",
        data_done=True if row.get("done") is True else None,
        data_marked=True if marked else None,
    )


def _checkbox(name: str, one: Field, row: Row, which: dict[str, object]) -> FT:
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


def _value(one: Field, row: Row) -> FT | None:
    value = row[one.name]
    if value in ("", None):
        return None
    return Span(Span(f"{field_title(one)} ", cls="field-name"), Span(str(value), dir="auto"), cls="beside")


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
