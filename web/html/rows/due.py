"""What is due, how often it comes again, and tags, as HTML beside the title of a row."""

from collections.abc import Callable

from fastcore.xml import FT

from apps.due.near import near
from apps.due.spans import is_overdue
from apps.shown.look import TABLE
from apps.tables import Field, Row, Table
from web.html.parts.elements import A, Span, Time
from web.html.rows.values import words
from web.state.filters import address
from web.state.rows.context import RowContext
from web.state.types import PAGE_TYPES


def due_time(one: Field, value: str, context: RowContext, *, done: bool) -> FT:
    """Return a due date in words near today; marked when it is overdue."""
    late = not done and is_overdue(value, context.now)
    return Time(
        Span("Overdue: ", cls="hidden") if late else None,
        near(value, context.now, context.reader),
        datetime=value,
        title=words(one, value, context),
        cls="due overdue" if late else "due",
    )


def repeat_mark(one: Field, value: str, context: RowContext) -> FT:
    """Return how often a row comes again."""
    return Span(words(one, value, context), cls="repeat", title=words(one, value, context))


def tag_links(one: Field, value: list[str], context: RowContext) -> FT:
    """Return the tags, each as a link to the rows that have it."""
    look = {TABLE: context.table} if context.table else {}
    links = (
        A(f"#{tag}", href=address(context.app, {one.name: tag}, look), data_open=context.app, cls="tag")
        for tag in value
    )
    return Span(*links, cls="tags") if context.app else Span(words(one, value, context))


def parts_count(row: Row, context: RowContext) -> FT | None:
    """Return how many of the rows under a row are done: "2 of 5"; None where none stand there."""
    done, number = context.parts.get(row["id"], (0, 0))
    return Span(f"{done} of {number}", cls="parts", title="Parts that are done") if number else None


def planned(table: Table, row: Row, context: RowContext) -> FT | None:
    """Return the parts, tags, repeat and due date of a row in one line; None if it has none of them."""
    drawn = [
        PLANNED[look](one, row, context)
        for look in PLANNED
        for one in table.fields
        if PAGE_TYPES[one.type].look == look and row.get(one.name) is not None
    ]
    shown = [one for one in (parts_count(row, context), *drawn) if one is not None]
    return Span(*shown, cls="beside planned") if shown else None


PLANNED: dict[str, Callable[[Field, Row, RowContext], FT]] = {
    "tags": lambda one, row, context: tag_links(one, row[one.name], context),
    "repeat": lambda one, row, context: repeat_mark(one, row[one.name], context),
    "when": lambda one, row, context: due_time(one, row[one.name], context, done=row.get("done") is True),
}
"""By the look of a type: what it draws in the line of what is planned, in its order."""
