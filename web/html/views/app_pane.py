"""The left half of the page as HTML: the open app, generated from its table, or by the app itself, or broken."""

from fastcore.xml import FT

from apps.shown.look import written as written_look
from apps.tables import Table
from web.html.parts.elements import H2, Div, Header, P, Section, sentence
from web.html.parts.examples import row_examples
from web.html.parts.menus import actions_menu, app_title
from web.html.rows.filter_bar import filter_bar
from web.html.rows.forms import add_form
from web.html.rows.rows import row_range, rows_list
from web.html.views.links import look_problem, table_switch, view_switch
from web.html.views.looks import looked_at
from web.state.fields import plural
from web.state.filters import address, written
from web.state.page_view import PageView


def app_pane(view: PageView) -> FT:
    """Return the whole pane of the open app."""
    return Section(
        Header(H2(app_title(view.app, view), id="app-title", tabindex="-1"), actions_menu(view), cls="pane-head"),
        *(_contents(view, view.table) if view.table else _broken(view)),
        id="app",
        data_app=view.app,
        data_query=query_of(view),
        data_address=address_of(view),
        data_title=f"{app_title(view.app, view)} · Pianola",
        data_news=True if view.settings.get("app", view.app) != view.app else None,
        aria_labelledby="app-title",
    )


def query_of(view: PageView) -> str:
    """Return the query of the pane's address: the part after the question mark."""
    if view.read or view.table is None:
        return view.query
    return written(view.shown.filters, written_look(view.shown.look, view.table))


def address_of(view: PageView) -> str:
    """Return the address of the pane."""
    return f"{address(view.app, {})}{'?' if query_of(view) else ''}{query_of(view)}"


def _broken(view: PageView) -> tuple[FT, ...]:
    return (
        P("This app is broken, so it was left out. Everything else works.", cls="problem"),
        P(*sentence(view.problem), cls="reason"),
        P("Its data is kept. Fix the app, then restart Pianola.", cls="note"),
    )


def _contents(view: PageView, table: Table) -> tuple[FT | None, ...]:
    problem = problem_of(view)
    if view.read:
        return problem, view.own
    if view.own is None and view.seen is not None:
        return problem, table_switch(view), view_switch(view, table), *looked_at(view, table, view.seen)
    return (
        problem,
        look_problem(view),
        *((table_switch(view), view_switch(view, table)) if view.own is None else ()),
        add_form(table, view.context) if view.own is None else None,
        filter_bar(view.app, table, view.shown),
        *((rows_list(view, table, view.rows), empty_note(view, table)) if view.own is None else (view.own,)),
        row_range(table, view.shown),
    )


def empty_note(view: PageView, table: Table) -> FT:
    """Return what stands below an empty list; CSS hides it as soon as there is a row."""
    if view.shown.filters:
        return Div(P(f"No {plural(table)} match. Choose All to see the others."), cls="empty")
    words = P(f"No {plural(table)} yet. Write the first one above, or ask the assistant to add it.")
    examples = None if view.shown.look.table else row_examples(table, view.examples)  # they are of the first table
    return Div(words, examples, cls="empty")


# --- parts that are replaced on their own ---


def problem_of(view: PageView) -> FT | None:
    """Return the line that says what fails in the open app, hidden if nothing does; None when the app is broken."""
    if view.table is None:
        return None
    words = ("This app has a problem: ", *sentence(view.problem)) if view.problem else ()
    return P(*words, id="app-problem", cls="problem", hidden=not view.problem)


def filters_of(view: PageView) -> FT | None:
    """Return the filters of the open app; None when it is broken."""
    return filter_bar(view.app, view.table, view.shown) if view.table else None


def range_of(view: PageView) -> FT | None:
    """Return the line that says which rows are shown; None when the app is broken."""
    return row_range(view.table, view.shown) if view.table else None


def list_of(view: PageView) -> FT | None:
    """Return the list of the open app's rows; None when it is broken."""
    return rows_list(view, view.table, view.rows) if view.table else None
