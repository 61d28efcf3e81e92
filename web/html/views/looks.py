"""The rows of the open app as their look says: as a table, a calendar, a board, a chart, or the page of one of them."""

from fastcore.xml import FT

from apps.tables import Table
from web.html.rows.filter_bar import filter_bar
from web.html.rows.forms import add_form
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
    form = None if isinstance(seen, ChartSeen) or table.read_only else add_form(table, view.context)
    return (
        form,
        filter_bar(view.app, table, view.shown),
        drawn(view, table, seen),
        row_range(table, view.shown) if isinstance(seen, TableSeen) else None,
    )


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
