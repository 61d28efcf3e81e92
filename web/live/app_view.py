"""An app's own view, and the generated pieces that it may keep."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast
from urllib.parse import parse_qsl

from fastcore.xml import FT, Safe

from apps.mistakes import in_words
from apps.registry import App, Registry
from apps.tables import Row, Table
from apps.views import AppView, Pieces, nobody_answers
from bus.bus import Bus
from bus.errors import NoAnswer
from bus.messages import StoreAnswer, StoreOrder
from bus.store_client import ask_store
from web.html.parts.fragments import html
from web.html.rows.forms import add_form
from web.html.rows.rows import row_item, rows_list
from web.live.queries import Rows, Wanted
from web.state.page_view import PageView, profile_in


class GeneratedPieces:
    """The `apps.views.Pieces` of one page."""

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


async def read_own(app: App, table: Table, registry: Registry, bus: Bus, wanted: Wanted) -> Rows | None:
    """Return what an app reads for itself; None when that fails, which is reported as the app's failure."""
    revisions: list[int] = []

    async def ask(order: StoreOrder) -> StoreAnswer:
        answer = await ask_store(bus, order)
        revisions.append(answer.revision)
        return answer

    seen = AppView(
        app=app.name,
        table=table,
        rows=(),
        pieces=cast(Pieces, None),  # nothing is drawn yet
        profile=profile_in(wanted.settings),
        settings=wanted.settings,
        tables={name: one.tables for name, one in registry.sound.items()},
        query=dict(parse_qsl(wanted.window.query)),
        limit=wanted.window.limit,
        offset=wanted.window.offset,
        ask=ask,
    )
    try:
        read = await app.hooks.read(view=seen)
    except NoAnswer:
        raise
    except Exception as error:  # an error of an app must not break the page
        app.on_failure(app.name, f"its hook `read` failed: {in_words(error)}")
        return None
    made = replace(seen, read=read, ask=nobody_answers)
    return Rows(table.name, revision=min(revisions, default=0), own=made)


def own_view(app: App, view: PageView) -> Safe | None:
    """Return an app's own view of a page, rendered; None for the generated view.

    A view that raises, or returns what cannot be rendered, is reported as the app's failure; the generated view is
    shown instead.
    """
    if view.table is None:
        return None
    pieces = GeneratedPieces(view, view.table)
    seen = AppView(
        app=view.app,
        table=view.table,
        rows=view.rows,
        pieces=pieces,
        total=view.shown.total,
        profile=view.profile,
        filter=view.shown.filters,
        settings=view.settings,
    )
    if view.read is not None:
        seen = replace(view.read, pieces=pieces)
    made = app.call("view", FT, None, view=seen)
    if made is None:
        return None
    try:
        return Safe(html(made))
    except Exception as error:  # an error of an app must not break the page
        app.on_failure(app.name, f"what its hook `view` returned cannot be shown: {error}")
        return None
