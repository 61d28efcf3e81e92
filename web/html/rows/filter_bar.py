"""The filters of a list as HTML. They are links, so that each has an address and works in a new tab and with Back."""

from collections.abc import Mapping

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
    look = written(shown.look, table)
    everything = _link(app, {}, look, _words("All", shown.counts.get(("", None), 0)), chosen=not shown.filters)
    links = [_option(app, one, shown, look) for group in groups for one in group]
    return Nav(
        *((everything, *links) if groups else ()),
        id=f"{table.name}-filters",
        cls="filters",
        aria_label=f"Filter the {plural(table)}",
        hidden=not groups,
    )


def _option(app: str, one: Option, shown: Shown, look: Mapping[str, str]) -> FT:
    chosen = shown.filters.get(one.field, Option) == one.value
    others = {field: value for field, value in shown.filters.items() if field != one.field}
    words = _words(one.label, shown.counts.get(one.key, 0))
    return _link(app, {**others, one.field: one.value}, look, words, chosen=chosen)


def _words(label: str, count: int) -> tuple[object, ...]:
    return label, " ", Span(f"{count:,}", cls="count")


def _link(app: str, filters: Row, look: Mapping[str, str], words: tuple[object, ...], *, chosen: bool) -> FT:
    return A(
        *words,
        id=f"filter-{slug(address(app, filters))}",
        href=address(app, filters, look),
        data_open=app,
        aria_current="true" if chosen else None,
    )
