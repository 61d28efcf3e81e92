"""An app's own view, and the generated pieces that it may keep."""

from collections.abc import Sequence

from fastcore.xml import FT, Safe

from apps.registry import App
from apps.tables import Row, Table
from apps.views import AppView
from web.rows import add_form, row_item, rows_list
from web.views import PageView, html


class GeneratedPieces:
    """What `apps.views.Pieces` promises, for one page."""

    def __init__(self, view: PageView, table: Table) -> None:
        """`table`: the one that the app shows."""
        self._view = view
        self._table = table

    def form(self) -> FT:
        """Return the form that adds a row."""
        return add_form(self._table)

    def row(self, row: Row) -> FT:
        """Return a row, with its tools, as an item of a list."""
        view = self._view
        return row_item(self._table, row, by_model=row["id"] in view.by_model, marked=row["id"] == view.marked)

    def list(self, rows: Sequence[Row]) -> FT:
        """Return the list of rows, which can be edited, moved and deleted in it."""
        return rows_list(self._view, self._table, rows)


def own_view(app: App, view: PageView) -> Safe | None:
    """Return what the app itself makes of a page, rendered; None for the generated view.

    A view that raises, or returns what cannot be rendered, is told as the app's failure; the generated view stands in.
    """
    if view.table is None:
        return None
    seen = AppView(
        app=view.app,
        table=view.table,
        rows=view.rows,
        pieces=GeneratedPieces(view, view.table),
        total=view.shown.total,
        profile=view.profile,
        filter=view.shown.filters,
        settings=view.settings,
    )
    made = app.call("view", FT, None, view=seen)
    if made is None:
        return None
    try:
        return Safe(html(made))
    except Exception as error:  # whatever an app does wrong stays its own problem
        app.on_failure(app.name, f"what its hook `view` returned cannot be shown: {error}")
        return None
