"""The filters of a list as HTML. They are links, so that each has an address and works in a new tab and with Back."""

from fastcore.xml import FT

from apps.shown.look import written
from apps.tables import Row, Table
from web.html.parts.elements import A, Nav, Span
from web.state.app_list import slug
from web.state.fields import plural
from web.state.filters import Option, address, options
from web.state.window import Shown


def filter_bar(app: str, table: Table, shown: Shown) -> FT:
    """Return the links that filter the rows, each with the number of rows it finds."""
    groups = options(table)
    everything = _filter(app, table, "All", {}, shown, shown.counts.get(("", None), 0), chosen=not shown.filters)
    links = [_option(app, table, one, shown) for group in groups for one in group]
    return Nav(
        *((everything, *links) if groups else ()),
        id=f"{table.name}-filters",
        cls="filters",
        aria_label=f"Filter the {plural(table)}",
        hidden=not groups,
    )


def _option(app: str, table: Table, one: Option, shown: Shown) -> FT:
    chosen = shown.filters.get(one.field, Option) == one.value
    others = {field: value for field, value in shown.filters.items() if field != one.field}
    filters, count = {**others, one.field: one.value}, shown.counts.get(one.key, 0)
    return _filter(app, table, one.label, filters, shown, count, chosen=chosen)


def _filter(app: str, table: Table, label: str, filters: Row, shown: Shown, count: int, *, chosen: bool) -> FT:
    where = address(app, filters, written(shown.look, table))
    return A(
        label,
        " ",
        Span(f"{count:,}", cls="count"),
        id=f"filter-{slug(where)}",
        href=where,
        data_open=app,
        aria_current="true" if chosen else None,
    )
