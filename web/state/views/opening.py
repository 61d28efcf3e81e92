"""What of an app an address shows: its filters, and how it shows the rows."""

from urllib.parse import parse_qsl

from apps.shown.look import THE_LIST, Look, look_in
from apps.tables import Row
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
    filters = filters_of(apps.table(app), query)
    return AppWindow(app, filters, look=look_of(apps, app, query, filters))


def look_of(apps: AppList, app: str, query: str, filters: Row) -> Look:
    """Return how an address wants the rows of an app to be shown; an app with a view of its own shows them itself."""
    table = apps.table(app)
    if table is None or apps.has_own_page(app):
        return THE_LIST
    return look_in(table, dict(parse_qsl(query[:LONGEST_QUERY])), filters)


def place_of(window: AppWindow) -> tuple[object, ...]:
    """Return what of a window its address says."""
    return window.app, window.filters, window.look, window.query
