"""What of an app an address shows: its filters, and how it shows the rows."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from apps.shown.look import TABLE, THE_LIST, Look, look_in, written
from apps.tables import Row, Table
from web.state.app_list import AppList
from web.state.filters import filters_of, without_talk
from web.state.window import AppWindow

LONGEST_QUERY = 500
"""Characters of the query of an address."""


def window_of(apps: AppList, app: str, query: str) -> AppWindow:
    """Return the window of an app, filtered and shown as the query of an address says."""
    query = without_talk(query)
    if apps[app].has("read"):
        return AppWindow(app, query=query[:LONGEST_QUERY])
    table = apps.table(app, parsed(query).get(TABLE, ""))
    filters = filters_of(table, query)
    return AppWindow(app, filters, look=look_of(apps, app, query, filters))


def look_of(apps: AppList, app: str, query: str, filters: Row) -> Look:
    """Return how an address wants the rows of an app to be shown; an app with a view of its own shows them itself."""
    said = parsed(query)
    table = apps.table(app, said.get(TABLE, ""))
    if table is None or apps.has_own_page(app):
        return THE_LIST
    further = "" if table is apps.table(app) else table.name
    return replace(look_in(table, said, filters), table=further)


def parsed(query: str) -> dict[str, str]:
    """Return the parts of a query."""
    return dict(parse_qsl(query[:LONGEST_QUERY]))


def place_of(window: AppWindow) -> tuple[object, ...]:
    """Return what of a window its address says."""
    return window.app, window.filters, window.look, window.query


def kept(apps: AppList, window: AppWindow, before: Table | None) -> AppWindow:
    """Return what a window shows after its app has changed: the same view, if that still fits. `before`: its table."""
    query = urlencode(written(window.look, before)) if before else ""
    made = window_of(apps, window.app, query)
    return window_of(apps, window.app, "") if made.look.problem else made
