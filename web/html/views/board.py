"""Rows as a board: a column for each choice of a field. The script moves a card to another column."""

from fastcore.xml import FT

from apps.tables import Table
from web.html.parts.elements import H3, Div, Header, P, Section, Span, Ul
from web.html.views.cells import add_button, card
from web.state.fields import beside_fields, plural
from web.state.page_view import PageView
from web.state.views.seen import BoardSeen, Column


def board_view(view: PageView, table: Table, seen: BoardSeen) -> FT:
    """Return the board."""
    by = table.all_fields[view.shown.look.view.by]
    return Div(
        *(_column(view, table, one, f"column-{place}") for place, one in enumerate(seen.columns)),
        id=f"{table.name}-board",
        cls="board",
        data_board=by.name,
        data_table=table.name,
        role="group",
        aria_label=f"Board of {plural(table)}, by {by.called}",
    )


def _column(view: PageView, table: Table, column: Column, name: str) -> FT:
    """Return a column. `name`: the id of its list."""
    by = table.all_fields[view.shown.look.view.by]
    label = column.value or f"No {by.called}"
    shown = [one for one in beside_fields(table) if one is not by and not one.kind.is_long]
    can_add = not (table.read_only or table.made_by_jobs)
    add = add_button(table, f"Add {table.label or table.name}: {label}", f"add-{name}", **{by.name: column.value})
    left_out = column.total - len(column.rows)
    return Section(
        Header(
            H3(label, " ", Span(f"{column.total:,}", cls="count"), id=f"{name}-head", dir="auto"),
            add if can_add else None,
        ),
        Ul(
            *(card(view, table, row, shown) for row in column.rows),
            id=name,
            cls="column",
            data_value=column.value,
            aria_labelledby=f"{name}-head",
        ),
        P(f"{left_out:,} more are not shown. Filter them, or use the table.", cls="note") if left_out else None,
        aria_labelledby=f"{name}-head",
    )
