"""The values of a row in a list: as their reader writes them, with links to pages, mails and other rows."""

from urllib.parse import urlencode

from fastcore.xml import FT, Safe

from apps.shown.look import ROW
from apps.tables import Field, Row
from apps.types.address import is_mail, is_web
from web.html.parts.elements import A, Button, Details, Div, Span, Summary, commands
from web.state.fields import field_title
from web.state.rows.context import RowContext
from web.state.types import PAGE_TYPES

LONGEST_VALUE = 100
"""Characters of a value that the list shows. The form that edits it has all."""


def cut(text: str, most: int) -> str:
    """Return a text, cut to so many characters."""
    return text if len(text) <= most else f"{text[:most]}…"


def words(one: Field, value: object, context: RowContext) -> str:
    """Return a value as its reader writes it, with its unit."""
    shown = one.kind.in_words(value, context.reader)
    has_own = one.kind.unit_keys is not None  # money has its currency in it
    return f"{shown} {one.unit}" if one.unit and not has_own else shown


def in_cell(one: Field, value: object, context: RowContext) -> str:
    """Return a value as text alone: linked rows by their titles, nothing for none."""
    if value in ("", None):
        return ""
    if isinstance(value, list) and one.to:
        return ", ".join(context.titles.get((one.to, key), f"deleted ({key})") for key in value)
    return words(one, value, context)


def value_of(one: Field, row: Row, context: RowContext, name: str = "") -> FT | None:
    """Return a value with the name of its field; None for none. `name`: id of the row's element."""
    value = row[one.name]
    if value in ("", None):
        return None
    if PAGE_TYPES[one.type].look == "markdown":
        return Details(
            Summary(field_title(one)),
            Div(Safe(context.markdown(str(value))), cls="text", dir="auto"),
            id=f"{name}-{one.name}",
            cls="note",
        )
    return Span(Span(f"{field_title(one)} ", cls="field-name"), *drawn(one, value, context), cls="beside")


def drawn(one: Field, value: object, context: RowContext, *, longest: int = LONGEST_VALUE) -> list[FT | str]:
    """Return a value that is not none as elements: links to pages, mails and rows. `longest`: characters of a text."""
    look = PAGE_TYPES[one.type].look
    text = words(one, value, context)
    if look == "page" and is_web(text):  # a value may be older than the type of its field
        link = {"href": text, "target": "_blank", "rel": "noopener noreferrer nofollow"}
        return [A(cut(text.partition("://")[2].rstrip("/"), longest), **link)]
    if look == "mail" and is_mail(text):
        return [A(cut(text, longest), href=f"mailto:{text}")]
    if look == "rows" and isinstance(value, list):
        return [part for key in value for part in (_linked(one, key, context), ", ")][:-1]
    return [Span(cut(text, longest), dir="auto")]


def _linked(one: Field, key: object, context: RowContext) -> FT:
    """Return a linked row: its title, which leads to it; that it was deleted, if it is not there."""
    title = context.titles.get((one.to, key)) if isinstance(key, int | str) else None
    if title is None:
        return Span(f"deleted ({key})", cls="gone", title=f"The row {key} of {one.to} is not there any more.")
    return linked_row(one.to, key, title, context)


def linked_row(table: str, key: object, title: str, context: RowContext) -> FT:
    """Return the title of a row, which leads to its page, or to its place in the list."""
    if address := context.pages.get(table):
        where = f"{address}{'&' if '?' in address else '?'}{urlencode({ROW: str(key)})}"
        return A(title, href=where, data_open=True, cls="linked", dir="auto")
    return Button(title, type="button", cls="linked", dir="auto", **commands("reveal", table=table, id=key))
