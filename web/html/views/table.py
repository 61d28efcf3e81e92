"""Rows as a table: heads that sort, groups with their sums, a foot with the sums of all rows."""

from collections.abc import Iterator
from itertools import groupby

from fastcore.xml import FT

from apps.shown.check import has_groups
from apps.shown.view import View
from apps.tables import Field, Row, Table
from web.html.parts.elements import Div, Nav, Span, Tbody, Td, Tfoot, Th, Thead, Tr, commands
from web.html.parts.elements import Table as TableTag
from web.html.views.cells import cell, group_words, more_button, sum_words
from web.html.views.links import look_link, view_address
from web.state.fields import field_title, plural
from web.state.page_view import PageView, row_id
from web.state.types import PAGE_TYPES
from web.state.views.seen import Group, TableSeen
from web.state.words import count

ASCENDING, DESCENDING = "ascending", "descending"
MOST_GROUPINGS = 8


def table_view(view: PageView, table: Table, seen: TableSeen) -> FT:
    """Return the table, and above it by what it can be grouped."""
    look = view.shown.look.view
    columns = [table.all_fields[name] for name in look.columns]
    return Div(
        group_links(view, table, look),
        Div(
            TableTag(
                Thead(Tr(*(_head(view, table, look, one) for one in columns), Th(Span("Row", cls="hidden")))),
                *_bodies(view, table, seen, columns),
                _foot(view, seen.total, columns),
                id=f"{table.name}-table",
                aria_label=f"Table of {plural(table)}",
                aria_rowcount=str(seen.total.count),
            ),
            cls="rows-table",
            tabindex="0",
            role="region",
            aria_label=f"Table of {plural(table)}",
        ),
        cls="table-view",
    )


def group_links(view: PageView, table: Table, look: View) -> FT | None:
    """Return the links that group the rows; None for a table with nothing to group by."""
    fields = [one for one in table.fields if one is not table.title_field and _makes_groups(one)][:MOST_GROUPINGS]
    if not fields:
        return None
    choices = [("", "nothing"), *((one.name, field_title(one)) for one in fields)]
    return Nav(
        Span("Group by", cls="note"),
        *(
            look_link(
                view,
                view_address(view, table, group=name),
                label,
                id=f"group-{name or 'nothing'}",
                aria_current="true" if name == look.group else None,
            )
            for name, label in choices
        ),
        cls="filters groupings",
        aria_label="Group by",
    )


def _makes_groups(one: Field) -> bool:
    return has_groups(one) and (bool(one.choices) or one.kind.is_switch or one.kind.is_link or _is_a_day(one))


def _is_a_day(one: Field) -> bool:
    return one.kind.days is not None and one.kind.days.clock is None


def _head(view: PageView, table: Table, look: View, one: Field) -> FT:
    """Return the head of a column. Its link sorts by it; when it is sorted so, the other way round."""
    sorted_so = {one.name: ASCENDING, f"-{one.name}": DESCENDING}.get(look.sort)
    following = {None: one.name, ASCENDING: f"-{one.name}", DESCENDING: ""}[sorted_so]
    return Th(
        look_link(view, view_address(view, table, sort=following), field_title(one), id=f"sort-{one.name}"),
        scope="col",
        aria_sort=sorted_so,
        cls=_look_of(one),
    )


def _bodies(view: PageView, table: Table, seen: TableSeen, columns: list[Field]) -> Iterator[FT]:
    group = view.shown.look.view.group
    if not group:
        yield Tbody(*(_row(view, table, row, columns) for row in view.rows))
        return
    by = table.all_fields[group]
    sums = {_key(one.value): one for one in seen.groups}
    for key, rows in groupby(view.rows, lambda row: _key(_single(row[group]))):
        one = sums.get(key, Group(key))
        yield Tbody(
            _group_head(view, one, by, columns),
            *(_row(view, table, row, columns) for row in rows),
        )


def _single(value: object) -> object:
    """Return the one row of a link."""
    return (value[0] if value else None) if isinstance(value, list) else value


def _key(value: object) -> object:
    return "" if value is None else value


def _group_head(view: PageView, group: Group, by: Field, columns: list[Field]) -> FT:
    label = f"{group_words(by, group.value, view.context)} "
    first, *others = columns
    return Tr(
        Th(label, Span(f"{group.count:,}", cls="count"), _sum_in(view, group, first), scope="rowgroup"),
        *(Td(_sum_in(view, group, one), cls=_look_of(one)) for one in others),
        Td(),
        cls="group",
    )


def _row(view: PageView, table: Table, row: Row, columns: list[Field]) -> FT:
    name = row_id(table.name, row["id"])
    return Tr(
        *(_cell(view, table, one, row) for one in columns),
        Td(more_button(table, row), cls="row-end"),
        id=name,
        cls="row-line",
        data_table=table.name,
        data_id=str(row["id"]),
        data_done=True if row.get("done") is True else None,
        tabindex="-1",
    )


def _cell(view: PageView, table: Table, one: Field, row: Row) -> FT:
    """Return a cell. A click on it opens the form of the row, where the click does nothing else."""
    inert = PAGE_TYPES[one.type].look in ("words", "markdown") and not one.kind.is_switch
    opens = inert and one is not table.title_field and not table.read_only
    edit = commands("row-edit", table=table.name, id=row["id"]) if opens else {}
    return Td(*cell(view, table, one, row), cls=_look_of(one), **edit)


def _foot(view: PageView, total: Group, columns: list[Field]) -> FT:
    first, *others = columns
    return Tfoot(
        Tr(
            Th(f"{count(total.count, 'row')} ", _sum_in(view, total, first), scope="row"),
            *(Td(_sum_in(view, total, one), cls=_look_of(one)) for one in others),
            Td(),
        )
    )


def _sum_in(view: PageView, group: Group, one: Field) -> FT | None:
    if one.name not in group.sums:
        return None
    return Span(sum_words(one, group.sums[one.name], view.context), cls="sum")


def _look_of(one: Field) -> str | None:
    """Return the class of the cells of a column: numbers stand at its right side, and no day is broken into lines."""
    if one.kind.sum_up:
        return "number"
    return "moment" if one.kind.days else None
