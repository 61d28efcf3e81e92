"""What all views show of a row: its title as a link to its page, its values, its buttons."""

from collections.abc import Iterable

from fastcore.xml import FT

from apps.tables import Field, Row, Table
from web.html.parts.elements import Button, Li, Span, commands
from web.html.rows.row_menu import MENU
from web.html.rows.rows import LONGEST_TITLE, checkbox, tool
from web.html.rows.values import cut, drawn, value_of, words
from web.html.views.links import look_link, row_address
from web.state.page_view import PageView, row_id
from web.state.rows.context import RowContext

LONGEST_CELL = 100
NOTHING = "–"
"""What stands for no value, where something must stand."""


def title_link(view: PageView, table: Table, row: Row) -> FT:
    """Return the title of a row, which leads to its page."""
    title = table.title_field
    said = cut(words(title, row[title.name], view.context), LONGEST_TITLE) or f"{table.name} {row['id']}"
    name = row_id(table.name, row["id"])
    return look_link(view, row_address(view, table, row), said, id=f"{name}-title", cls="title", dir="auto")


def is_empty(one: Field, value: object) -> bool:
    """Return whether there is nothing to show of a value."""
    return value in ("", None, []) or (one.kind.set_by_store and not value)


def cell(view: PageView, table: Table, one: Field, row: Row) -> tuple[object, ...]:
    """Return what a cell of a table shows of a row."""
    name, value = row_id(table.name, row["id"]), row[one.name]
    if one is table.title_field:
        return (title_link(view, table, row),)
    if one.kind.is_switch:
        return (checkbox(name, one, row, {"table": table.name, "id": row["id"]}),)
    if is_empty(one, value):
        return ()
    if one.kind.is_long:
        return (Span(cut(" ".join(str(value).split()), LONGEST_CELL), dir="auto"),)
    return tuple(drawn(one, value, view.context))


def sum_words(one: Field, value: object, context: RowContext) -> str:
    """Return a sum as its reader writes it; a sum of money has an amount for each currency."""
    if isinstance(value, list):
        return ", ".join(words(one, amount, context) for amount in value) or NOTHING
    return words(one, value, context)


def group_words(one: Field, value: object, context: RowContext) -> str:
    """Return the value that the rows of a group have in common, in words."""
    if value in ("", None):
        return f"No {one.called}"
    if one.to:
        title = context.titles.get((one.to, value)) if isinstance(value, int | str) else None
        return title or f"deleted ({value})"
    return words(one, value, context)


def more_button(table: Table, row: Row) -> FT:
    """Return the button that opens the menu of a row."""
    return tool(row_id(table.name, row["id"]), "more", "More", aria_haspopup="menu", data_row_menu=MENU)


def card(view: PageView, table: Table, row: Row, fields: Iterable[Field], *before: object) -> FT:
    """Return a row as a card of a calendar or a board. `fields`: those that it shows beside its title."""
    name = row_id(table.name, row["id"])
    return Li(
        *before,
        *(checkbox(name, one, row, {"table": table.name, "id": row["id"]}) for one in table.fields if _ticks(one)),
        title_link(view, table, row),
        *(value_of(one, row, view.context) for one in fields),
        more_button(table, row),
        id=name,
        cls="card row-card",
        data_table=table.name,
        data_id=str(row["id"]),
        data_done=True if row.get("done") is True else None,
        tabindex="-1",
    )


def _ticks(one: Field) -> bool:
    return one.kind.is_switch and one.name == "done"


def add_button(table: Table, label: str, name: str, **values: object) -> FT:
    """Return the button that opens the form of a new row, which begins with these values."""
    return Button(
        "+",
        type="button",
        id=name,
        cls="add-here",
        aria_label=label,
        title=label,
        **commands("row-new", table=table.name, values=dict(values)),
    )
