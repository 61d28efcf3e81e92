"""The rows of an app's table as HTML: any table of `apps.tables`, with todo as the simplest one.

A row shows its first required text as its title, its booleans as boxes to tick, and its other fields beside the title.
"""

from collections.abc import Sequence

from fastcore.xml import FT

from apps.tables import Field, Row, Table
from web.app_list import slug
from web.elements import (
    H2,
    A,
    Button,
    Div,
    Header,
    Input,
    Label,
    Li,
    Nav,
    P,
    Section,
    Select,
    Span,
    Ul,
    command_form,
    commands,
    field_title,
    icon_button,
    sentence,
)
from web.elements import Option as OptionTag
from web.filters import Option, address, options, written
from web.menus import app_title
from web.pane import MOST_ROWS, Shown
from web.views import PageView, list_id, row_id

INPUT_TYPES = {"text": "text", "integer": "number", "real": "number"}
"""Types of fields that a form asks for, and of the inputs that take them."""

LONGEST_SPOKEN = 80
"""Characters of a title in the label of a button."""


def app_pane(view: PageView) -> FT:
    """Return the whole pane of the open app."""
    return Section(
        Header(H2(app_title(view.app), id="app-title", tabindex="-1"), cls="pane-head"),
        *(_contents(view, view.table) if view.table else _broken(view)),
        id="app",
        data_app=view.app,
        data_query=query_of(view),
        data_address=address_of(view),
        data_title=f"{app_title(view.app)} · Pianola",
        data_news=True if view.settings.get("app", view.app) != view.app else None,
        aria_labelledby="app-title",
    )


def query_of(view: PageView) -> str:
    """Return what the address of the pane says behind the question mark."""
    return view.query if view.read else written(view.shown.filters)


def address_of(view: PageView) -> str:
    """Return the address of the pane."""
    return f"{address(view.app, {})}{'?' if query_of(view) else ''}{query_of(view)}"


def _broken(view: PageView) -> tuple[FT, ...]:
    return (
        P("This app is broken, so it was left out. Everything else goes on.", cls="problem"),
        P(*sentence(view.problem), cls="reason"),
        P("Its data is kept. Mend the app, then restart Pianola.", cls="note"),
    )


def _contents(view: PageView, table: Table) -> tuple[FT | None, ...]:
    problem = P("This app has a problem: ", *sentence(view.problem), cls="problem") if view.problem else None
    if view.read:
        return problem, view.own
    return (
        problem,
        add_form(table) if view.own is None else None,
        filter_bar(view.app, table, view.shown),
        *((rows_list(view, table, view.rows), _nothing(table, view.shown)) if view.own is None else (view.own,)),
        row_range(table, view.shown),
    )


def _nothing(table: Table, shown: Shown) -> FT:
    """What stands in the place of an empty list; hidden by CSS as soon as there is a row."""
    if shown.filters:
        return P(f"No {plural(table)} like that. Choose All to see the others.", cls="empty")
    return P(f"No {plural(table)} yet. Write the first one above, or ask the assistant for it.", cls="empty")


def plural(table: Table) -> str:
    """Return what the rows are called."""
    return f"{(table.label or table.name).removeprefix('a ').removeprefix('an ')}s"


# --- filters, and how much of the list is shown ---


def filters_of(view: PageView) -> FT | None:
    """Return the filters of the open app; None when it is broken."""
    return filter_bar(view.app, view.table, view.shown) if view.table else None


def range_of(view: PageView) -> FT | None:
    """Return which rows of the open app the page shows; None when it is broken."""
    return row_range(view.table, view.shown) if view.table else None


def list_of(view: PageView) -> FT | None:
    """Return the rows of the open app; None when it is broken."""
    return rows_list(view, view.table, view.rows) if view.table else None


def filter_bar(app: str, table: Table, shown: Shown) -> FT:
    """Return the links that filter the rows, each with the number of rows that it finds."""
    groups = options(table)
    everything = _filter(app, "All", {}, shown, shown.counts.get(("", None), 0), chosen=not shown.filters)
    links = [_option(app, one, shown) for group in groups for one in group]
    return Nav(
        *((everything, *links) if groups else ()),
        id=f"{table.name}-filters",
        cls="filters",
        aria_label=f"Filter the {plural(table)}",
        hidden=not groups,
    )


def _option(app: str, one: Option, shown: Shown) -> FT:
    chosen = shown.filters.get(one.field, Option) == one.value
    others = {field: value for field, value in shown.filters.items() if field != one.field}
    return _filter(app, one.label, {**others, one.field: one.value}, shown, shown.counts.get(one.key, 0), chosen=chosen)


def _filter(app: str, label: str, filters: Row, shown: Shown, count: int, *, chosen: bool) -> FT:
    where = address(app, filters)
    return A(
        label,
        " ",
        Span(f"{count:,}", cls="count"),
        id=f"filter-{slug(where)}",
        href=where,
        data_open=app,
        aria_current="true" if chosen else None,
    )


def row_range(table: Table, shown: Shown) -> FT:
    """Return which rows the page shows, when it does not show all, and the way to the others."""
    all_shown = shown.count == shown.total
    last = shown.offset + shown.count
    return Div(
        _page(table, "Earlier rows", max(0, shown.offset - MOST_ROWS)) if shown.offset else None,
        P(f"{shown.offset + 1:,} to {last:,} of {shown.total:,}") if shown.count and not all_shown else None,
        _onward(table, shown) if shown.more else None,
        id=f"{table.name}-range",
        cls="range",
        hidden=all_shown,
    )


def _onward(table: Table, shown: Shown) -> FT:
    if shown.count >= MOST_ROWS:
        return _page(table, "Later rows", shown.offset + shown.count)
    name = f"{table.name}-more"
    return Button("Show more", type="button", id=name, data_more=True, **commands("more"))


def _page(table: Table, label: str, offset: int) -> FT:
    name = f"{table.name}-from-{offset}"
    return Button(label, type="button", id=name, **commands("page", offset=offset))


# --- the list ---


def rows_list(view: PageView, table: Table, rows: Sequence[Row]) -> FT:
    """Return the list of rows."""
    marked = view.marked
    items = (row_item(table, row, by_model=row["id"] in view.by_model, marked=row["id"] == marked) for row in rows)
    return Ul(
        *items,
        id=list_id(table.name),
        cls="rows",
        data_table=table.name,
        data_sortable=table.sortable,
        data_offset=str(view.shown.offset),
        data_count=str(view.shown.total),
        aria_label=f"List of {plural(table)}",
    )


def row_item(table: Table, row: Row, *, by_model: bool = False, marked: bool = False) -> FT:
    """Return a row. `by_model`: the assistant changed it last. `marked`: the page is to point it out."""
    name = row_id(table.name, row["id"])
    title = str(row[title_field(table).name])
    spoken = title if len(title) <= LONGEST_SPOKEN else f"{title[:LONGEST_SPOKEN]}…"
    which = {"table": table.name, "id": row["id"]}
    return Li(
        icon_button(
            "move", f"Move “{spoken}” (drag it, or press Alt with Up or Down)", id=f"{name}-move", data_move=True
        )
        if table.sortable
        else None,
        *(_tick(name, one, row, which) for one in table.fields if one.type == "boolean"),
        Span(title, id=f"{name}-title", cls="title"),
        *(_beside(one, row) for one in _beside_fields(table)),
        Span("assistant", cls="badge by-model", title="The assistant changed this") if by_model else None,
        Span(
            icon_button("edit", f"Edit “{spoken}”", id=f"{name}-edit", data_edit=True),
            icon_button("delete", f"Delete “{spoken}”", id=f"{name}-delete", **commands("delete", **which)),
            cls="row-tools",
        ),
        _edit_form(table, row, name, which),
        id=name,
        cls="row",
        data_id=str(row["id"]),
        data_done=True if row.get("done") is True else None,
        data_marked=True if marked else None,
    )


def title_field(table: Table) -> Field:
    """Return the field that names a row."""
    texts = [one for one in table.fields if one.type == "text" and not one.choices]
    return next((one for one in texts if one.required), (*texts, *table.fields)[0])


def _beside_fields(table: Table) -> list[Field]:
    title = title_field(table)
    return [one for one in table.fields if one is not title and one.type in INPUT_TYPES]


def _tick(name: str, one: Field, row: Row, which: dict[str, object]) -> FT:
    return Input(
        type="checkbox",
        id=f"{name}-{one.name}",
        cls="tick",
        checked=bool(row[one.name]),
        title=field_title(one),
        aria_label=f"{field_title(one)}:",
        aria_labelledby=f"{name}-{one.name} {name}-title",
        **commands("toggle", field=one.name, **which),
    )


def _beside(one: Field, row: Row) -> FT | None:
    value = row[one.name]
    if value in ("", None):
        return None
    return Span(Span(f"{field_title(one)} ", cls="field-name"), str(value), cls="beside")


# --- forms ---


def add_form(table: Table) -> FT:
    """Return the form that adds a row."""
    title = title_field(table)
    return command_form(
        "insert",
        _input(title, f"{table.name}-new", title.default, placeholder=f"Add {table.label or table.name}"),
        *(_labelled(one, f"{table.name}-new", one.empty) for one in _beside_fields(table)),
        Button("Add", type="submit", cls="primary"),
        values={"table": table.name},
        id=f"{table.name}-form",
        cls="add",
        data_clear=True,
        aria_label=f"Add {table.label or table.name}",
    )


def _edit_form(table: Table, row: Row, name: str, which: dict[str, object]) -> FT:
    title = title_field(table)
    return command_form(
        "update",
        _input(title, f"{name}-edit", row[title.name]),
        *(_labelled(one, f"{name}-edit", row[one.name]) for one in _beside_fields(table)),
        Button("Save", type="submit", cls="primary"),
        Button("Cancel", type="button", data_cancel=True),
        values=which,
        id=f"{name}-edit-form",
        cls="edit",
        hidden=True,
    )


def _labelled(one: Field, name: str, value: object) -> FT:
    return Label(Span(field_title(one)), _input(one, name, value), cls="field")


def _input(one: Field, name: str, value: object, placeholder: str = "") -> FT:
    common = {"name": one.name, "id": f"{name}-{one.name}", "aria_label": field_title(one)}
    if one.choices:
        return Select(*(OptionTag(choice, selected=choice == value) for choice in one.choices), **common)
    return Input(
        type=INPUT_TYPES[one.type],
        value=str(value) if value is not None else None,
        step="any" if one.type == "real" else None,
        required=one.required,
        autocomplete="off",
        placeholder=placeholder or None,
        **common,
    )
