"""The page of one row: all its fields, what it links to, what links to it, and its history."""

from collections.abc import Iterator
from dataclasses import replace

from fastcore.xml import FT, Safe

from apps.sentences import differences, label_of, verb_of, who_did
from apps.tables import Field, Row, Table
from apps.types.unix_time import show_time
from web.html.parts.elements import H3, Button, Dd, Div, Dl, Dt, Header, Li, Ol, P, Section, Span, Time, Ul, commands
from web.html.rows.rows import checkbox
from web.html.rows.values import drawn, in_cell, linked_row, words
from web.html.views.cells import NOTHING, is_empty, more_button
from web.html.views.links import look_address, look_link
from web.state.fields import field_title, plural
from web.state.page_view import PageView, row_id
from web.state.views.seen import Incoming, RowSeen


def row_page(view: PageView, table: Table, seen: RowSeen) -> FT:
    """Return the page."""
    look = view.shown.look
    back = look_link(
        view, look_address(view, table, replace(look, row=0)), f"← {look.view.title}", id="row-back", cls="button"
    )
    if seen.row is None:
        sentence = (
            f"There is no {table.name} with the id {look.row} here (any more). The journal says what became of it."
        )
        return Div(back, P(sentence, cls="problem"), id="row-page", cls="row-page")
    row = seen.row
    name = row_id(table.name, row["id"])
    return Div(
        back,
        Div(
            Header(
                H3(_title(view, table, row), id=f"{name}-title", dir="auto", tabindex="-1"),
                _tools(table, row),
                cls="row-head",
            ),
            Dl(*(_field(view, table, one, row) for one in table.fields if one is not table.title_field)),
            id=name,
            data_table=table.name,
            data_id=str(row["id"]),
        ),
        *(_incoming(view, one) for one in seen.incoming),
        _history(view, table, seen),
        id="row-page",
        cls="row-page",
    )


def _title(view: PageView, table: Table, row: Row) -> str:
    one = table.title_field
    return words(one, row[one.name], view.context) or f"{table.name} {row['id']}"


def _tools(table: Table, row: Row) -> FT:
    which = {"table": table.name, "id": row["id"]}
    return Span(
        Button("Edit", type="button", id="row-edit", cls="primary", **commands("row-edit", **which)),
        more_button(table, row),
        cls="tools",
    )


def _field(view: PageView, table: Table, one: Field, row: Row) -> FT:
    return Div(Dt(field_title(one)), Dd(*_value(view, table, one, row)), cls="row-field")


def _value(view: PageView, table: Table, one: Field, row: Row) -> tuple[object, ...]:
    value, name = row[one.name], row_id(table.name, row["id"])
    if one.kind.is_switch:
        return (checkbox(name, one, row, {"table": table.name, "id": row["id"]}),)
    if is_empty(one, value):
        return (NOTHING,)
    if one.kind.is_long:
        return (Div(Safe(view.context.markdown(str(value))), cls="text", dir="auto"),)
    return tuple(drawn(one, value, view.context, longest=one.limit))


def _incoming(view: PageView, one: Incoming) -> FT:
    """Return the rows of a table that link to the row."""
    name = f"linked-{one.table.name}-{one.field.name}"
    beyond = one.total - len(one.rows)
    return Section(
        H3(
            f"{plural(one.table).capitalize()} whose {one.field.called} it is ",
            Span(f"{one.total:,}", cls="count"),
            id=name,
        ),
        Ul(*(Li(_linking(view, one.table, row)) for row in one.rows), cls="bullets"),
        P(f"… and {beyond:,} more.", cls="note") if beyond else None,
        aria_labelledby=name,
    )


def _linking(view: PageView, table: Table, row: Row) -> FT:
    return linked_row(table.name, row["id"], _title(view, table, row), view.context)


# --- its history ---


def _history(view: PageView, table: Table, seen: RowSeen) -> FT:
    return Section(
        H3("History", id="row-history-head"),
        Ol(*(_change(view, table, one) for one in seen.changes), id="row-history", cls="history"),
        P("Older changes are in the journal.", cls="note") if seen.more else None,
        P("The history keeps nothing of it (any more).", cls="note") if not seen.changes else None,
        aria_labelledby="row-history-head",
    )


def _differing(view: PageView, table: Table, change: Row) -> Iterator[str]:
    """Yield what a change has changed, field by field; linked rows by their titles."""
    profiles = {one["id"]: one["name"] for one in view.profiles}
    links = {label_of(one.name, table.all_fields): one for one in table.links}
    for one in differences(change, table, profiles, view.context.reader):
        before, after = one.before, one.after
        if link := links.get(one.field):
            before, after = (in_cell(link, change[side].get(link.name), view.context) for side in ("before", "after"))
        yield f"{one.field}: {before or 'nothing'} → {after or 'nothing'}"


def _change(view: PageView, table: Table, change: Row) -> FT:
    differing = "; ".join(_differing(view, table, change))
    key = change["id"]
    return Li(
        Span(
            f"{who_did(change)} {verb_of(change)} it",
            f": {differing}" if differing else "",
            id=f"change-{key}",
            dir="auto",
        ),
        " ",
        Time(show_time(change["at"], view.context.reader), cls="note"),
        Span("undone", cls="badge") if change["undone_by"] else None,
        Span(
            Button("Why?", type="button", aria_describedby=f"change-{key}", **commands("why", table="change", id=key)),
            None
            if change["undone_by"] or change["verb"] == "erase"
            else Button("Undo", type="button", aria_describedby=f"change-{key}", **commands("undo", change=key)),
            cls="tools",
        ),
    )
