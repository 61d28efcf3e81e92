"""The filters of a list as HTML. They are links, so that each has an address and works in a new tab and with Back."""

from typing import Any

from fastcore.xml import FT

from apps.tables import Row, Table
from web.html.parts.elements import A, Nav, Span
from web.state.app_list import slug
from web.state.fields import plural
from web.state.filters import Option, address, options, shown_options
from web.state.window import Shown


def filter_bar(app: str, table: Table, shown: Shown) -> FT:
    """Return the links that filter the rows, each with the number of rows it finds."""
    everything = _filter(app, "All", {}, ("", None), shown, chosen=not shown.filters)
    links = [_option(app, table, one, shown) for one in shown_options(table, shown.counts, shown.filters)]
    has_filters = bool(options(table) or links)
    return Nav(
        *((everything, *links) if has_filters else ()),
        id=f"{table.name}-filters",
        cls="filters",
        aria_label=f"Filter the {plural(table)}",
        hidden=not has_filters,
    )


def _option(app: str, table: Table, one: Option, shown: Shown) -> FT:
    chosen = shown.filters.get(one.field, Option) == one.value
    others = {field: value for field, value in shown.filters.items() if field != one.field}
    kind = table.all_fields[one.field].kind
    takes_back = chosen and (kind.is_when or kind.is_tags)  # there is no option for the opposite
    filters = others if takes_back else {**others, one.field: one.value}
    return _filter(app, one.label, filters, one.key, shown, chosen=chosen)


def _filter(app: str, label: str, filters: Row, key: tuple[str, Any], shown: Shown, *, chosen: bool) -> FT:
    where, count = address(app, filters), shown.counts.get(key, 0)
    return A(
        label,
        " ",
        Span(f"{count:,}", cls="count"),
        id=f"filter-{slug(address(app, {key[0]: key[1]} if key[0] else {}))}",
        href=where,
        data_open=app,
        aria_current="true" if chosen else None,
    )
