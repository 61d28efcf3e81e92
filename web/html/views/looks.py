"""The rows of the open app as their look says: as a table, a calendar, a board, a chart, or the page of one of them."""

from fastcore.xml import FT

from apps.tables import Table
from web.html.parts.elements import Button, commands
from web.html.rows.filter_bar import filter_bar
from web.html.rows.rows import row_range
from web.html.views.board import board_view
from web.html.views.calendar import calendar_view
from web.html.views.chart import chart_view
from web.html.views.row_page import row_page
from web.html.views.table import table_view
from web.state.page_view import PageView
from web.state.views.seen import BoardSeen, CalendarSeen, ChartSeen, RowSeen, Seen, TableSeen


def looked_at(view: PageView, table: Table, seen: Seen) -> tuple[FT | None, ...]:
    """Return what the pane shows below its switch of views."""
    if isinstance(seen, RowSeen):
        return (row_page(view, table, seen),)
    return (
        new_button(table) if not isinstance(seen, ChartSeen) else None,
        filter_bar(view.app, table, view.shown),
        drawn(view, table, seen),
        row_range(table, view.shown) if isinstance(seen, TableSeen) else None,
    )


def new_button(table: Table) -> FT | None:
    """Return the button that opens the form of a new row; None where the user makes none."""
    if table.read_only or table.made_by_jobs:
        return None
    label = f"Add {table.label or table.name} …"
    return Button(label, type="button", id="row-new", cls="primary", **commands("row-new", table=table.name, values={}))


def drawn(view: PageView, table: Table, seen: Seen) -> FT:
    """Return the rows."""
    match seen:
        case TableSeen():
            return table_view(view, table, seen)
        case CalendarSeen():
            return calendar_view(view, table, seen)
        case BoardSeen():
            return board_view(view, table, seen)
        case ChartSeen():
            return chart_view(view, table, seen)
        case _:
            return row_page(view, table, seen)
