"""Addresses of views and rows, and the switch between views. Links, so that each works in a new tab and with Back."""

from dataclasses import replace
from typing import Any

from fastcore.xml import FT

from apps.shown.check import views_of
from apps.shown.look import TABLE, Look, written
from apps.shown.view import View
from apps.tables import Row, Table
from web.html.parts.elements import A, Nav, P, sentence
from web.state.app_list import slug
from web.state.fields import plural
from web.state.filters import address
from web.state.page_view import PageView


def look_address(view: PageView, table: Table, look: Look) -> str:
    """Return the address of a look at the open app, with the filters that are chosen now."""
    return address(view.app, view.shown.filters, written(look, table))


def view_address(view: PageView, table: Table, **options: Any) -> str:
    """Return the address of the view that is shown, with other options."""
    look = view.shown.look
    return look_address(view, table, replace(look, row=0, view=replace(look.view, **options)))


def row_address(view: PageView, table: Table, row: Row) -> str:
    """Return the address of the page of a row. It keeps the view from which it was opened."""
    return look_address(view, table, replace(view.shown.look, row=row["id"]))


def look_link(view: PageView, where: str, *words: object, **attributes: object) -> FT:
    """Return a link within the open app, which loads no new page."""
    return A(*words, href=where, data_open=view.app, **attributes)


def view_switch(view: PageView, table: Table) -> FT:
    """Return the links to all views of the open app's rows."""
    return Nav(
        *(_view_link(view, table, one) for one in views_of(table)),
        id="views",
        cls="views",
        aria_label=f"Views of the {plural(table)}",
    )


def table_switch(view: PageView) -> FT | None:
    """Return the links to the tables of the open app; None where it shows only one."""
    if len(view.app_tables) < 2 or view.table is None:
        return None
    return Nav(
        *(
            A(
                plural(one).replace("_", " ").capitalize(),
                href=address(view.app, {}, {TABLE: one.name} if place else {}),
                id=f"table-{slug(one.name)}",
                data_open=view.app,
                aria_current="true" if one is view.table else None,
            )
            for place, one in enumerate(view.app_tables)
        ),
        id="tables",
        cls="filters",
        aria_label="Tables of the app",
    )


def _view_link(view: PageView, table: Table, one: View) -> FT:
    look = view.shown.look
    chosen = not look.row and look.view.called == one.called
    return look_link(
        view,
        look_address(view, table, Look(one, table=look.table)),
        one.title,
        id=f"view-{slug(one.called)}",
        cls=f"view-{one.kind}",
        aria_current="true" if chosen else None,
    )


def look_problem(view: PageView) -> FT | None:
    """Return why the list is shown and not what the address asks for; None where that is shown."""
    problem = view.shown.look.problem
    return P(*sentence(problem), id="look-problem", cls="problem", role="status") if problem else None
