"""The filters of a list as HTML. They are links, so that each has an address and works in a new tab and with Back."""

from collections.abc import Mapping
from typing import Any

from fastcore.xml import FT

from apps.shown.look import written
from apps.tables import Row, Table
from web.html.parts.elements import A, Nav, Span
from web.state.app_list import slug
from web.state.fields import plural
from web.state.filters import Option, address, options, shown_options
from web.state.window import Shown


def filter_bar(app: str, table: Table, shown: Shown) -> FT:
    """Return the links that filter the rows, each with the number of rows it finds."""
    look = written(shown.look, table)
    everything = _link(app, {}, look, ("", None), _words("All", shown, ("", None)), chosen=not shown.filters)
    links = [_option(app, table, one, shown, look) for one in shown_options(table, shown.counts, shown.filters)]
    has_filters = bool(options(table) or links)
    return Nav(
        *((everything, *links) if has_filters else ()),
        id=f"{table.name}-filters",
        cls="filters",
        aria_label=f"Filter the {plural(table)}",
        hidden=not has_filters,
    )


def _option(app: str, table: Table, one: Option, shown: Shown, look: Mapping[str, str]) -> FT:
    chosen = shown.filters.get(one.field, Option) == one.value
    others = {field: value for field, value in shown.filters.items() if field != one.field}
    kind = table.all_fields[one.field].kind
    takes_back = chosen and (kind.is_when or kind.is_tags)  # there is no option for the opposite
    filters = others if takes_back else {**others, one.field: one.value}
    return _link(app, filters, look, one.key, _words(one.label, shown, one.key), chosen=chosen)


def _words(label: str, shown: Shown, key: tuple[str, Any]) -> tuple[object, ...]:
    return label, " ", Span(f"{shown.counts.get(key, 0):,}", cls="count")


def _link(
    app: str, filters: Row, look: Mapping[str, str], key: tuple[str, Any], words: tuple[object, ...], *, chosen: bool
) -> FT:
    """Return a link to rows. `key`: of the filter, which names the element, whatever else is chosen."""
    return A(
        *words,
        id=f"filter-{slug(address(app, {key[0]: key[1]} if key[0] else {}))}",
        href=address(app, filters, look),
        data_open=app,
        aria_current="true" if chosen else None,
    )
